"""The words of the ledger of floor area: what it can be grouped by, and the states of floor area."""

from __future__ import annotations

#: what a parcel says of its own site, whole; what else one may group by divides it or is of floor area alone
LAND_GROUPS = ("zone", "land_use", "supply_status")
#: columns by which an entry is divided among those who hold it
HELD_GROUPS = ("carrier", "kind", "operator", "operator_role")
#: what everybody may read, so that each run keeps it
OPEN_GROUPS = (*LAND_GROUPS, "park", "street", "state", "year", *HELD_GROUPS)
#: what a run's totals may be grouped by: clusters are those that it found, of the policy's first rule
RUN_GROUPS = (*OPEN_GROUPS, "cluster")
#: by kind of owner for everybody: groups of few parcels are told together, and no figure is opened
OWNERS = "owners"
#: what totals may be grouped by
GROUPINGS = (*OPEN_GROUPS, "owner_kind", "cluster")
#: the states of floor area, in the order in which it comes and goes
STATES = ("approved", "under_construction", "standing", "demolished")
