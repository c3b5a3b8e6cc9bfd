"""L1, venues: what makes a market that market. Spot and options never import each other."""
