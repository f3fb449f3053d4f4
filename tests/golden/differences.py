"""Where this package decides otherwise than the real server, and on purpose.

Each case is listed with the documented differences that it belongs to and the codes of its refusal.
"""

from __future__ import annotations

# The server accepts, or refuses only later; here it is refused: case -> (differences, codes).
REFUSED: dict[str, tuple[str, frozenset[str]]] = {
    case: (differences, frozenset(codes))
    for differences, codes, cases in (
        ("D14", ["FS213"], ["random-0360", "random-0382", "random-0838", "random-1925"]),
        ("D14", ["FS213", "FS302"], ["random-0536", "random-1228"]),
        ("D14", ["FS220"], ["float-006", "float-014", "float-017"]),
        ("D14", ["FS221"], ["str-068"]),
        ("D9 D14", ["FS107", "FS213"], ["random-0535"]),
        ("D9 D14", ["FS221", "FS311"], ["random-0460"]),
        ("D5", ["FS201"], ["int-024"]),
        ("D5", ["FS201", "FS301"], ["random-0415"]),
        ("D5", ["FS205"], ["float-029"]),
        (
            "D8",
            ["FS309"],
            [
                "url-037",
                "url-038",
                "url-039",
                "url-041",
                "url-043",
                "url-047",
                "url-048",
                "url-049",
            ],
        ),
        ("D9", ["FS103"], ["check-089", "check-101"]),
        ("D9", ["FS105"], ["localjson-025"]),
        (
            "D9",
            ["FS107"],
            [
                "check-102",
                "localjson-018",
                "random-0073",
                "random-1046",
                "random-1082",
                "random-1594",
            ],
        ),
        (
            "D9",
            ["FS311"],
            ["localjson-014", "localjson-015", "localjson-024", "random-0724", "random-0913"],
        ),
        (
            "D9",
            ["FS313"],
            [
                "slurmjson-088",
                "slurmjson-103",
                "slurmjson-164",
                "localjson-009",
                "localjson-011",
                "localjson-013",
                "localjson-022",
                "localjson-023",
            ],
        ),
        (
            "D9",
            ["FS315"],
            [
                "slurmjson-083",
                "slurmjson-221",
                "slurmjson-229",
                "slurmjson-230",
                "slurmjson-232",
                "slurmjson-235",
                "slurmjson-261",
                "slurmjson-262",
                "slurmjson-265",
                "slurmjson-266",
                "slurmjson-277",
                "slurmjson-287",
                "slurmjson-289",
                "slurmjson-303",
                "slurmjson-304",
                "slurmjson-305",
                "slurmjson-306",
                "slurmjson-335",
                "slurmjson-336",
                "slurmjson-341",
                "slurmjson-345",
            ],
        ),
        ("D9", ["FS317"], ["slurmjson-008", "slurmjson-014", "slurmjson-207"]),
    )
    for case in cases
}

# The server's loader takes a file that no backend in use looks at; ours refuses it (D9).
UNUSED_FILE: dict[tuple[str, str], frozenset[str]] = {
    ("random-0703", "slurm_config"): frozenset({"FS313"}),
}

# The host is a socket directory: it stands in the URL's query, where it survives (D7).
SOCKET = frozenset({"random-0043", "random-0757", "random-1358", "random-1378"})
