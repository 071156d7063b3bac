"""All that services say to one another: one file per interface, client and endpoint together."""
