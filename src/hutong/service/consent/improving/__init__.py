"""A family that stays asks for improvement: asked, promised with a day, built, confirmed."""
