"""What every room stands on: errors, findings, clock, language, hashes. Imports nothing else of ours."""
