"""What runs by the interpreter of an environment that has the package nova; see __main__."""
