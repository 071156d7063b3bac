"""All that knows SQL. The caller owns the transaction (engine.py); one file per noun."""
