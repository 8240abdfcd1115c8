"""Handing out and taking in critiques at size, beside Label Studio."""
