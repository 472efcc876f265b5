"""Speed and memory, measured: ``python -m benchmarks``; the results are in docs/benchmarks.md."""
