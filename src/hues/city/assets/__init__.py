"""What the city keeps in its streets (lamps, drains, trees) and whose the ground is (roads, zones, sites): layers, where they are, who owns them.

- near.py: what is near a point, what a point lies on, the thing that somebody named
- browsing.py: lists and one asset, for the desk
- geojson.py: the public ones, for everybody
- reading.py: files of assets, line by line
- actions.py: importing them
"""
