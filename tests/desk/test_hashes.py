"""What a stolen hash costs."""

from desk.passwords import hash_password


async def test_a_password_is_hashed_in_twelve_rounds() -> None:
    assert (await hash_password("correct horse")).startswith("$2b$12$")
