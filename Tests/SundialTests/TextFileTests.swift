import Foundation
import Glibc
import Testing

@testable import sundial

/// What commands write goes where the path leads and spoils nothing on the way.
@Suite struct TextFileTests {
    private static func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sundial-text-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder.path)
    }

    @Test func aFileIsReplacedAndKeepsItsPermissions() throws {
        try Self.withFolder { folder in
            let path = "\(folder)/f"
            try "old and longer".write(toFile: path, atomically: false, encoding: .utf8)
            chmod(path, 0o600)
            try TextFile.replace(path, with: "new", purpose: "snapshot")
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "new")
            #expect(TextFile.Place(of: path) == .file(path, mode: 0o600))
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["f"])
        }
    }

    @Test(arguments: [true, false])
    func aLinkStaysALink(isThere: Bool) throws {
        try Self.withFolder { folder in
            let (link, target) = ("\(folder)/link", "\(folder)/target")
            if isThere { try "old".write(toFile: target, atomically: false, encoding: .utf8) }
            symlink("target", link)
            try TextFile.replace(link, with: "new", purpose: "snapshot")
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "target")
            #expect(try String(contentsOfFile: target, encoding: .utf8) == "new")
        }
    }

    @Test func aDeviceIsWrittenTo() throws {
        try Self.withFolder { folder in
            // A device of our own would need rights; a link to one is as good.
            let (full, null) = ("\(folder)/full", "\(folder)/null")
            symlink("/dev/full", full)
            symlink("/dev/null", null)
            try TextFile.replace(null, with: "new", purpose: "snapshot")
            let complaint = #expect(throws: Complaint.self) { try TextFile.replace(full, with: "new", purpose: "snapshot") }
            #expect(complaint?.text.hasPrefix("cannot write the snapshot \(full): No space left on device") == true)
            let ports = PortsFile(path: null)
            try ports.clear()
            ports.remove()
            #expect(TextFile.Place(of: null) == .stream && TextFile.Place(of: full) == .stream)
        }
    }
}
