"""Who asks: tokens, ours or a real Keystone's, looked at by keystonemiddleware."""
