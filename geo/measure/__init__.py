"""What the land is, worked out set by set in PostGIS; no threshold lives here, each comes as an argument.

``NN_name.sql`` holds the rule in prose and the function under it; the Python doors stand beside.  A function
``measure.parcel_<name>`` that gives one row for each parcel, with ``parcel_id`` first, becomes columns of
:func:`geo.measure.parcels.parcels` of itself.
"""
