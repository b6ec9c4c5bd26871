"""Requests 接诉即办: residents report, offices answer within their time limits, and everyone sees how it went."""
