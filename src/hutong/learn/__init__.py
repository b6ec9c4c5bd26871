"""Feedback 反馈: what was promised beside what came, and what is believed after it."""
