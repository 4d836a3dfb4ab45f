import Foundation
import Testing
import Timeline

@testable import Certificates

/// A folder of its own for one test, removed with its last owner.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        var template = Array(FileManager.default.temporaryDirectory.appending(path: "certificates-XXXXXX").path.utf8CString)
        self.path = try #require(mkdtemp(&template).map { String(cString: $0) })
    }

    deinit {
        try? FileManager.default.removeItem(atPath: self.path)
    }

    func file(_ name: String) -> String { "\(self.path)/\(name)" }

    func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: self.file(name)))) }

    func write(_ bytes: [UInt8], to name: String) throws { try Data(bytes).write(to: URL(filePath: self.file(name))) }

    func mode(_ name: String = "") throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: name.isEmpty ? self.path : self.file(name))
        return try #require(attributes[.posixPermissions] as? NSNumber).intValue
    }
}

enum Moment {
    static let now = WallTime(secondsSinceEpoch: 1_767_323_045)
    static let day = Duration.seconds(86400)
}

extension Certificate {
    convenience init(file path: String) throws {
        try self.init(pem: Array(try Data(contentsOf: URL(filePath: path))), path: path)
    }
}
