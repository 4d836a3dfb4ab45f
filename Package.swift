// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let httpClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")

let package = Package(
    name: "sundial",
    products: [
        .library(name: "TestKit", targets: ["TestKit"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    ],
    targets: [
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .target(name: "Timeline", swiftSettings: strict),
        .target(name: "Topics", swiftSettings: strict),
        .target(name: "MQTTWire", dependencies: [nioCore], swiftSettings: strict),
        .target(name: "JSON", swiftSettings: strict),
        .target(name: "Shadows", dependencies: ["JSON", "Timeline"], swiftSettings: strict),
        .target(name: "SigV4", dependencies: ["COpenSSL", "Timeline"], swiftSettings: strict),
        .target(name: "Certificates", dependencies: ["COpenSSL", "Timeline"], swiftSettings: strict),
        .target(name: "Sessions", dependencies: ["MQTTWire", "Topics", "Timeline", deque], swiftSettings: strict),
        .target(
            name: "Broker",
            dependencies: [
                "MQTTWire", "Topics", "Timeline", "Sessions", "Shadows", "SigV4", "COpenSSL", nioCore, nioPosix, nioSSL, logging, deque,
            ],
            swiftSettings: strict),
        .target(
            name: "Persistence",
            dependencies: ["Broker", "MQTTWire", "Sessions", "Shadows", "JSON", "Timeline", "Topics", nioCore, grdb], swiftSettings: strict),
        .target(name: "Pacing", dependencies: ["Timeline", "JSON", "Shadows", "Topics"], swiftSettings: strict),
        .target(
            name: "Runner",
            dependencies: [
                "Broker", "MQTTClient", "MQTTWire", "Pacing", "Sessions", "Shadows", "SigV4", "JSON", "Timeline", "Topics", nioCore,
                nioPosix, logging,
            ],
            swiftSettings: strict),
        .target(
            name: "MQTTClient",
            dependencies: ["MQTTWire", "SigV4", "Timeline", "COpenSSL", nioCore, nioPosix, nioSSL, nioTLS, deque],
            swiftSettings: strict),
        .target(
            name: "ControlPlane",
            dependencies: [
                "Runner", "Broker", "Pacing", "Shadows", "Sessions", "MQTTWire", "Topics", "SigV4", "Timeline", "JSON", nioCore, nioHTTP1,
                logging,
                hummingbird,
                hummingbirdCore,
                httpTypes,
            ],
            swiftSettings: strict),
        .target(
            name: "TestKit",
            dependencies: [
                "ControlPlane", "Runner", "Broker", "MQTTWire", "Pacing", "Sessions", "Shadows", "SigV4", "JSON", "Timeline", "Topics",
                nioCore, logging,
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "sundial",
            dependencies: [
                "ControlPlane", "Persistence", "Runner", "Broker", "MQTTClient", "MQTTWire", "Pacing", "Certificates", "SigV4", "Timeline",
                "JSON", "Sessions", "Shadows",
                logging,
                argumentParser,
                httpClient,
                nioCore,
                nioSSL,
            ],
            swiftSettings: strict),
        .target(name: "CBench"),
        .executableTarget(
            name: "Bench",
            dependencies: [
                "CBench", "TestKit", "COpenSSL", "Timeline", "JSON", "SigV4", "Certificates", "MQTTWire", "Topics", "Shadows", nioCore,
                argumentParser,
            ],
            exclude: ["requirements.txt"],
            swiftSettings: strict),
        .testTarget(name: "TimelineTests", dependencies: ["Timeline"], swiftSettings: strict),
        .testTarget(name: "TopicsTests", dependencies: ["Topics"], swiftSettings: strict),
        .testTarget(name: "MQTTWireTests", dependencies: ["MQTTWire", nioCore], swiftSettings: strict),
        .testTarget(name: "JSONTests", dependencies: ["JSON"], swiftSettings: strict),
        .testTarget(name: "ShadowsTests", dependencies: ["Shadows", "JSON", "Timeline"], swiftSettings: strict),
        .testTarget(name: "SigV4Tests", dependencies: ["SigV4", "Timeline"], swiftSettings: strict),
        .testTarget(name: "CertificatesTests", dependencies: ["Certificates", "COpenSSL", "Timeline"], swiftSettings: strict),
        .testTarget(name: "SessionsTests", dependencies: ["Sessions", "MQTTWire", "Timeline"], swiftSettings: strict),
        .testTarget(
            name: "BrokerTests",
            dependencies: [
                "Broker", "Persistence", "MQTTWire", "Sessions", "Shadows", "JSON", "Timeline", "Topics", nioCore, nioPosix, logging, grdb,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "PersistenceTests",
            dependencies: ["Persistence", "Broker", "MQTTWire", "Sessions", "Shadows", "Timeline", "Topics", grdb],
            swiftSettings: strict),
        .testTarget(name: "PacingTests", dependencies: ["Pacing", "Timeline", "JSON", "Shadows", "Topics"], swiftSettings: strict),
        .testTarget(
            name: "MQTTClientTests", dependencies: ["MQTTClient", "MQTTWire", "SigV4", "Timeline", nioCore, nioEmbedded],
            swiftSettings: strict),
        .testTarget(
            name: "RunnerTests",
            dependencies: [
                "Runner", "Broker", "MQTTClient", "Pacing", "MQTTWire", "Sessions", "Shadows", "SigV4", "JSON", "Timeline", "Topics",
                nioCore,
                logging,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ControlPlaneTests",
            dependencies: [
                "ControlPlane", "Broker", "Shadows", "Sessions", "MQTTWire", "Topics", "SigV4", "Timeline", "JSON", nioCore, nioPosix,
                logging,
                nioEmbedded,
                hummingbird,
                hummingbirdCore,
                httpTypes,
            ],
            swiftSettings: strict),
        .testTarget(name: "TestKitTests", dependencies: ["TestKit", "MQTTClient", "MQTTWire", "SigV4"], swiftSettings: strict),
        .testTarget(
            name: "SundialTests",
            dependencies: [
                "sundial", "Broker", "JSON", "MQTTClient", "Pacing", "Runner", "Sessions", "Shadows", "SigV4", "Timeline", argumentParser,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "EndToEndTests", dependencies: ["sundial", "MQTTClient", "MQTTWire"], exclude: ["Clients"], swiftSettings: strict),
        .testTarget(name: "HouseRulesTests", swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
