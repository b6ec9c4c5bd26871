"""Operation, live: contracts, returns held to the micro-profit band, assets, what residents say, the floor-area account."""
