import Foundation
import Testing

/// DESIGN §3: what each target may import. Arrows point down only.
@Suite struct ImportTests {
    static let pure: Set = ["MQTTWire", "Topics", "Timeline", "Sessions", "JSON", "Shadows", "SigV4", "Pacing"]

    private static let transport: Set = ["NIOCore", "NIOPosix", "NIOTLS", "NIOSSL", "NIOConcurrencyHelpers", "Logging"]

    /// Targets of this project and what of it and of other packages they may import. `nil`: anything.
    static let allowed: [String: Set<String>?] = [
        "MQTTWire": ["NIOCore"],
        "Topics": [],
        "Timeline": [],
        "Sessions": ["MQTTWire", "Topics", "Timeline", "DequeModule"],
        "JSON": [],
        "Shadows": ["JSON", "Timeline"],
        "COpenSSL": [],
        "SigV4": ["COpenSSL", "Timeline"],
        "Certificates": ["COpenSSL", "Timeline"],
        "Pacing": ["Timeline", "JSON", "Shadows", "Topics"],
        "Broker": Self.transport.union(Self.pure).union(["COpenSSL", "Certificates", "DequeModule"]),
        "Persistence": Self.pure.union(["Broker", "GRDB", "NIOCore"]),
        "MQTTClient": Self.transport.union(["MQTTWire", "Topics", "SigV4", "COpenSSL", "Timeline", "DequeModule"]),
        "Runner": Self.transport.union(Self.pure).union(["Broker", "MQTTClient"]),
        "ControlPlane": Self.transport.union(Self.pure)
            .union(["Runner", "Broker", "Hummingbird", "HummingbirdCore", "HTTPTypes", "NIOHTTPTypes", "NIOHTTP1", "ServiceLifecycle"]),
        // Its kit has the doors of `sundial serve`, and what answers HTTP there is the control plane.
        "TestKit": Self.transport.union(Self.pure).union(["Runner", "Broker", "ControlPlane"]),
        "sundial": nil,
        "Bench": nil,
    ]

    /// Comes with the toolchain. Pure targets take none of it.
    static let system: Set = ["Foundation", "FoundationEssentials", "Dispatch", "Glibc", "Musl", "Synchronization"]

    @Test func thereAreSourcesToJudge() {
        #expect(SourceFile.all.count > 20)
    }

    @Test func everyTargetIsInTheTable() {
        let unknown = Set(SourceFile.all.map(\.target)).subtracting(Self.allowed.keys)
        #expect(unknown.isEmpty, "say in ImportTests what these may import, as DESIGN §3 does: \(unknown.sorted())")
    }

    @Test func importsPointDown() {
        for file in SourceFile.all {
            guard let entry = Self.allowed[file.target], let allowed = entry else { continue }
            for (number, module) in file.imports where module != file.target {
                let isSystem = Self.system.contains(module) && !Self.pure.contains(file.target)
                #expect(
                    allowed.contains(module) || isSystem,
                    "\(file.path):\(number) imports \(module), which \(file.target) may not (DESIGN §3)")
            }
        }
    }

    @Test func theTableItselfHasNoCircle() {
        func reaches(_ start: String, _ goal: String, _ seen: inout Set<String>) -> Bool {
            guard seen.insert(start).inserted, let entry = Self.allowed[start], let next = entry else { return false }
            return next.contains(goal) || next.contains { reaches($0, goal, &seen) }
        }
        for target in Self.allowed.keys {
            var seen: Set<String> = []
            #expect(!reaches(target, target, &seen), "\(target) reaches itself")
        }
    }
}

extension SourceFile {
    /// Modules named by import lines, whatever stands before `import`.
    var imports: [(number: Int, module: String)] {
        let kinds: Set = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
        return self.code.compactMap { number, text in
            let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
            guard let place = words.firstIndex(of: "import"), place + 1 < words.count else { return nil }
            let isImport = words[..<place].allSatisfy {
                ["public", "package", "internal", "private", "fileprivate"].contains($0) || $0.hasPrefix("@")
            }
            guard isImport else { return nil }
            let name = kinds.contains(words[place + 1]) && place + 2 < words.count ? words[place + 2] : words[place + 1]
            return (number, String(name.prefix { $0 != "." && $0 != ";" }))
        }
    }
}
