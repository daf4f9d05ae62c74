"""Run the command line: `python -m fhir_adapter`."""

from fhir_adapter.cli.main import main

if __name__ == "__main__":
    main()
