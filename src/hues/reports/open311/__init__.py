"""Open311 GeoReport v2: our server, and a client for the servers of other cities. docs/open311.md lists the clauses."""
