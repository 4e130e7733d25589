"""Running the desk: accounts, jobs, staging, feedback, telemetry and retention."""
