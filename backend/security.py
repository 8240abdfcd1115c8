"""Passwords and random secrets. Secrets are shown once and stored as SHA-256, passwords as Argon2id."""

import hashlib
import secrets

import argon2

_hasher = argon2.PasswordHasher()
MIN_PASSWORD = 12


def hash_password(password: str) -> str:
    """The Argon2id hash of a password, with its salt and parameters."""
    return _hasher.hash(password)


def verify_password(password_hash: str, password: str) -> bool:
    """Whether ``password`` is the one that was hashed."""
    try:
        return _hasher.verify(password_hash, password)
    except (argon2.exceptions.VerifyMismatchError, argon2.exceptions.InvalidHashError):
        return False


def new_secret(prefix: str = "") -> str:
    """A random secret of 256 bits, URL-safe, behind ``prefix``."""
    return prefix + secrets.token_urlsafe(32)


def new_password() -> str:
    """A one-time password that a person can type: 20 characters without look-alikes, about 98 bits."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(5)) for _ in range(4))


def fingerprint(secret: str) -> str:
    """How a random secret is stored and looked up (its entropy needs no slow hash)."""
    return hashlib.sha256(secret.encode()).hexdigest()
