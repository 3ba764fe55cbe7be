"""The public calls that take a database: they measure, then judge."""
