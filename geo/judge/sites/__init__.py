"""The best site: contiguous sets of parcels over a floor of area, of the least difficulty, with proof.  Pure.

``graph`` makes of parcels and pairs what is searched, ``difficulty`` says what each parcel costs, ``enumeration`` lists all
minimal sites where there are not too many, ``search`` finds the best by ``tree`` (branch and bound) over ``relaxation``
(linear programs with ``cuts``) and ``heuristic``, ``verify`` checks what was found with code of its own, ``results``
makes frames of it.  The inner loops are compiled (``kernels``).
"""
