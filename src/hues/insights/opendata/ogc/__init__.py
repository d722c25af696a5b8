"""OGC API - Features - Part 1: Core (OGC 17-069r4) over what is published: reports, units and the layers of assets."""
