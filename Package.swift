// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

/// A C library: a module map and one shim, seen by one Swift module only.
func library(_ name: String, apt: String) -> Target {
    .systemLibrary(name: name, path: "Shared/\(name)", providers: [.apt([apt])])
}

/// One module of the spine. What it uses stands above it in the list; `beside` is no source of it.
func shared(
    _ name: String, uses: [Target.Dependency] = [], beside: [String] = []
) -> Target {
    .target(
        name: name, dependencies: uses, path: "Shared/\(name)", exclude: beside,
        swiftSettings: strict)
}

/// A test target that mirrors the module it is named after.
func tests(_ name: String, uses: [Target.Dependency]) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: uses, path: "Tests/\(name)Tests",
        swiftSettings: strict)
}

let kit: [Target.Dependency] = [
    "ServiceKit", "Contracts", "Mesh", "MeshContract", "Database", "Lifecycle", "Log", "EventLoop",
]

/// A service is always a library, a thin executable and a test target.
func service(
    _ name: String, uses: [Target.Dependency] = [], tested: [Target.Dependency] = []
) -> [Target] {
    let library = Target.Dependency(stringLiteral: "\(name)Service")
    return [
        .target(
            name: "\(name)Service", dependencies: kit + uses, path: "Services/\(name)/Sources",
            swiftSettings: strict),
        .executableTarget(
            name: "atelier-\(name.lowercased())", dependencies: [library, "ServiceKit"],
            path: "Services/\(name)/Main", swiftSettings: strict),
        tests(name, uses: [library, "Testkit"] + kit + uses + tested),
    ]
}

/// A library that belongs to one service alone.
func part(
    _ name: String, of service: String, uses: [Target.Dependency] = [],
    tested: [Target.Dependency] = [], beside: [String] = []
) -> [Target] {
    [
        .target(
            name: name, dependencies: uses, path: "Services/\(service)/\(name)",
            exclude: beside, swiftSettings: strict),
        tests(name, uses: [.init(stringLiteral: name)] + uses + tested),
    ]
}

let spine: [Target] = [
    library("CEpoll", apt: "libc6-dev"),
    library("CSQLite", apt: "libsqlite3-dev"),
    library("COpenSSL", apt: "libssl-dev"),
    library("CNng", apt: "libnng-dev"),
    library("CCurl", apt: "libcurl4-openssl-dev"),
    library("CZlib", apt: "zlib1g-dev"),

    shared("Wire"),
    shared("MeshContract"),
    shared("Log"),
    shared("Lifecycle"),
    shared("EventStream"),
    shared("Civil"),
    shared("TextDiff"),
    shared("JSON"),
    shared("EventLoop", uses: ["CEpoll"]),
    shared("Crypto", uses: ["COpenSSL"]),
    shared("TLS", uses: ["COpenSSL"]),
    shared("SQLite", uses: ["CSQLite"]),

    shared("SP", uses: ["EventLoop", "TLS"]),
    shared("Nng", uses: ["EventLoop", "CNng"]),
    shared(
        "HTTP", uses: ["EventLoop", "Civil", "Crypto", "TLS"], beside: ["README.md"]),
    shared("Curl", uses: ["EventLoop", "HTTP", "CCurl"]),
    shared("Database", uses: ["SQLite"]),
    shared("Zip", uses: ["CZlib", "Civil"]),

    shared("Contracts", uses: ["MeshContract"]),
    shared(
        "Mesh",
        uses: ["MeshContract", "SP", "Nng", "TLS", "Crypto", "EventLoop", "Wire", "Log"]),
    shared("Console", uses: ["MeshContract", "Wire"]),
    shared("Durable", uses: ["Database", "Wire", "Civil"], beside: ["README.md"]),

    shared(
        "ServiceKit",
        uses: [
            "Mesh", "MeshContract", "Console", "Crypto", "Database", "EventLoop", "Lifecycle",
            "Log",
        ]),
    shared(
        "Testkit",
        uses: [
            "Mesh", "MeshContract", "Database", "EventLoop", "Lifecycle", "ServiceKit", "Log",
        ]),
]

let spineTests: [Target] = [
    tests("Wire", uses: ["Wire"]),
    tests("EventStream", uses: ["EventStream"]),
    tests("Civil", uses: ["Civil"]),
    tests("TextDiff", uses: ["TextDiff"]),
    tests("Zip", uses: ["Zip"]),
    tests("EventLoop", uses: ["EventLoop"]),
    tests("Crypto", uses: ["Crypto"]),
    tests("TLS", uses: ["TLS", "Certificates"]),
    tests("Database", uses: ["Database", "SQLite"]),
    tests("Durable", uses: ["Durable", "Database", "Wire"]),
    tests("HTTP", uses: ["HTTP", "EventLoop", "TLS", "Certificates"]),
    tests("Curl", uses: ["Curl", "EventLoop"]),
    tests("Console", uses: ["Console", "MeshContract"]),
    tests(
        "Mesh",
        uses: [
            "Mesh", "MeshContract", "SP", "TLS", "Crypto", "Nng", "EventLoop", "Wire", "Log",
            "Certificates",
        ]),
    tests("Contract", uses: ["Contracts", "MeshContract", "Wire"]),
    tests(
        "ServiceKit",
        uses: [
            "ServiceKit", "Mesh", "MeshContract", "Console", "EventLoop", "Lifecycle", "Log",
            "Certificates", "atelier-billing",
        ]),
]

/// What tests of several modules need: scripted neighbours, certificates.
let fakes: [Target] = [
    .target(
        name: "Fakes",
        dependencies: [
            "Contracts", "Crypto", "Mesh", "MeshContract", "ServiceKit", "Database", "EventLoop",
            "HTTP", "Wire",
        ],
        path: "Tests/Fakes", swiftSettings: strict),
    .target(name: "Certificates", path: "Tests/Certificates", swiftSettings: strict),
]

let services: [Target] =
    part("Refinement", of: "Orchestrator", uses: ["JSON", "TextDiff"])
    + part(
        "WriteStudio", of: "Orchestrator",
        uses: ["Durable", "Database", "Refinement", "Contracts", "Mesh", "MeshContract", "Wire"],
        tested: ["Fakes", "Testkit", "BillingService", "ServiceKit"])
    + part("Offline", of: "Providers", tested: ["Refinement"])
    + part("Dialects", of: "Providers", uses: ["EventStream"], beside: ["README.md"])
    + part(
        "Outside", of: "Providers", uses: ["Civil", "Curl", "EventLoop", "MeshContract"],
        tested: ["Fakes"])
    + part(
        "Routing", of: "Providers", uses: ["Dialects", "Civil", "MeshContract"],
        beside: ["README.md"])
    + part(
        "REST", of: "Gateway", uses: ["Civil", "HTTP", "JSON", "MeshContract"],
        tested: ["Fakes", "Wire"])
    + part("Identity", of: "Gateway", uses: ["Crypto", "Curl", "EventLoop", "MeshContract"])
    + service(
        "Gateway", uses: ["HTTP", "Crypto", "Identity", "REST", "TLS", "Wire"],
        tested: [
            "Fakes", "Certificates", "Curl", "BillingService", "OrchestratorService",
            "ProvidersService", "StorageService",
        ])
    + service(
        "Orchestrator",
        uses: ["Crypto", "Curl", "Durable", "Refinement", "TextDiff", "WriteStudio", "Wire"],
        tested: ["Fakes", "BillingService", "HTTP"])
    + service(
        "Providers",
        uses: ["Crypto", "Curl", "Offline", "Dialects", "Outside", "Routing", "Wire"],
        tested: ["Fakes", "HTTP"])
    + service("Billing")
    + service("Analytics")
    + [
        .systemLibrary(
            name: "CSpawn", path: "Services/Sandbox/CSpawn", providers: [.apt(["libc6-dev"])])
    ]
    + service("Sandbox", uses: ["CSpawn"])
    + [
        .systemLibrary(
            name: "CMarkGFM", path: "Services/Storage/CMarkGFM",
            providers: [.apt(["libcmark-gfm-extensions-dev"])])
    ]
    + part("Documents", of: "Storage", uses: ["CMarkGFM", "Zip", "Civil"])
    + service("Storage", uses: ["Crypto", "Curl", "Civil", "Documents", "TextDiff", "Zip"])

let tools: [Target] = [
    .target(
        name: "AtelierTools",
        dependencies: [
            "Console", "Contracts", "Curl", "EventLoop", "EventStream", "Lifecycle", "Log", "Mesh",
            "MeshContract", "ServiceKit", "TLS", "Wire",
        ],
        path: "tools/library", swiftSettings: strict),
    .executableTarget(
        name: "atelier", dependencies: ["AtelierTools"], path: "tools/cli", swiftSettings: strict),
    tests(
        "Tools",
        uses: [
            "AtelierTools", "Certificates", "Console", "Contracts", "Curl", "EventLoop", "HTTP",
            "Mesh", "MeshContract", "ServiceKit", "TLS", "Wire",
        ]),
    .target(
        name: "StackDriver", dependencies: ["Curl", "EventLoop", "EventStream", "Wire"],
        path: "tools/driver",
        swiftSettings: strict),
    .executableTarget(
        name: "atelier-bench", dependencies: ["EventStream", "StackDriver", "Console", "Wire"],
        path: "tools/bench",
        exclude: ["README.md", "run", "mesh", "wire", "durable", "providers", "storage", "http"],
        swiftSettings: strict),
    .executableTarget(
        name: "atelier-bench-storage",
        dependencies: [
            "Console", "Contracts", "Crypto", "Curl", "EventLoop", "Log", "Mesh", "MeshContract",
            "StackDriver",
        ],
        path: "tools/bench/storage", exclude: ["run"], swiftSettings: strict),
    .executableTarget(
        name: "atelier-bench-mesh",
        dependencies: ["Console", "EventLoop", "Log", "Mesh", "MeshContract", "SP", "TLS"],
        path: "tools/bench/mesh/Swift", swiftSettings: strict),
    .executableTarget(
        name: "atelier-bench-durable", dependencies: ["Console", "Database", "Durable"],
        path: "tools/bench/durable/Swift", swiftSettings: strict),
    .executableTarget(
        name: "atelier-bench-providers",
        dependencies: ["Console", "Contracts", "EventLoop", "Mesh", "MeshContract"],
        path: "tools/bench/providers/Swift", swiftSettings: strict),
    .executableTarget(
        name: "atelier-bench-http",
        dependencies: ["Contracts", "Database", "Mesh", "MeshContract", "ServiceKit"],
        path: "tools/bench/http/Swift", swiftSettings: strict),
    .executableTarget(
        name: "atelier-soak",
        dependencies: ["Console", "EventLoop", "Lifecycle", "Log", "Mesh", "MeshContract"],
        path: "tools/soak", exclude: ["README.md", "run"], swiftSettings: strict),
    .executableTarget(
        name: "atelier-bench-wire", dependencies: ["Wire"], path: "tools/bench/wire",
        exclude: ["measure.py", "messages.proto", "protobuf.cpp", "run"], swiftSettings: strict),
    .executableTarget(
        name: "atelier-crash",
        dependencies: [
            "Console", "Contracts", "Curl", "Database", "Durable", "EventLoop", "EventStream",
            "Lifecycle", "Log", "Mesh", "MeshContract", "Refinement", "ServiceKit", "SQLite",
            "StackDriver", "Wire", "WriteStudio",
        ],
        path: "tools/crash", exclude: ["README.md", "quick"], swiftSettings: strict),
    .executableTarget(
        name: "wire-peer", dependencies: ["Wire"], path: "Tests/Fuzz/peer", swiftSettings: strict),
    .executableTarget(
        name: "socket-peer", dependencies: ["EventLoop", "HTTP"], path: "Tests/Fuzz/echo",
        swiftSettings: strict),
    tests("System", uses: ["EventStream", "StackDriver", "Wire"]),
]

let package = Package(name: "atelier", targets: spine + spineTests + fakes + services + tools)
