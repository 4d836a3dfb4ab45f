import Foundation
import Pacing

/// Files below `fixtures/scenarios`.
enum Fixtures {
    static func scenario(_ name: String) throws -> Plan {
        try Plan.read(Self.bytes(name), file: name)
    }

    static func bytes(_ name: String) throws -> [UInt8] {
        try Array(Data(contentsOf: Self.folder.appending(path: name)))
    }

    static var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: Self.folder.path()).filter { $0.hasSuffix(".scenario") }.sorted() }
    }

    /// Scenarios with planted faults. Each has its expected findings in lines that begin with `#!`.
    static var badNames: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: Self.folder.appending(path: "bad").path()).sorted() }
    }

    private static var folder: URL {
        var folder = URL(filePath: #filePath)
        while folder.path() != "/", !FileManager.default.fileExists(atPath: folder.appending(path: "fixtures").path()) {
            folder = folder.deletingLastPathComponent()
        }
        return folder.appending(path: "fixtures/scenarios")
    }
}
