"""Checks: each looks at facts and yields problems; it reads no environment and changes nothing."""
