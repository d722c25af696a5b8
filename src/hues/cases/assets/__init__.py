"""The city's assets where their cases are: the desk's pages, an asset's history beside a case, naming the asset that a case is about."""
