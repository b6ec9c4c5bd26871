"""Meters and sensors 计量与感知: readings in by API and CSV; series, gaps, alerts with who did what, measured carbon out.

Units, time zones, bounds, gaps and the limits of alerts are those of ``hutong.sense``; here readings are kept, each once,
and alerts are told as they come.
"""
