import ArgumentParser
import Foundation
import JSON
import MQTTClient
import Testing

@testable import sundial

/// The flags of the commands that ask a running Sundial.
@Suite struct ShadowCommandLineTests {
    @Test(arguments: [
        ([], "ws://localhost:8080/mqtt"), (["--url", "https://localhost:8443"], "wss://localhost:8443/mqtt"),
        (["--url", "http://[::1]:99/"], "ws://[::1]:99/mqtt"),
        (["--url", "https://x.iot.eu-west-1.amazonaws.com"], "wss://x.iot.eu-west-1.amazonaws.com/mqtt"),
    ])
    func theAddressIsAURLsOrTheUsualOne(words: [String], endpoint: String) throws {
        let command = try #require(try Sundial.parseAsRoot(["shadow", "get", "lamp"] + words) as? ShadowCommand.Get)
        #expect(try command.shadow.service.control.endpoint.place.endpoint().description == endpoint)
    }

    @Test func aPortsFileNamesTheDoorAndItsCA() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("ports-\(UUID().uuidString).json").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try #"{"https":{"host":"127.0.0.1","port":1234},"ca":"/tmp/ca.pem","pid":1}"#.write(toFile: path, atomically: true, encoding: .utf8)
        let command = try #require(try Sundial.parseAsRoot(["snapshot", "--ports-file", path]) as? SnapshotCommand)
        let endpoint = try command.control.endpoint.place.endpoint()
        #expect(endpoint.description == "wss://localhost:1234/mqtt")
        #expect(try command.control.endpoint.place.trust(endpoint) == .file("/tmp/ca.pem"))
    }

    @Test(arguments: [
        (["shadow", "get"], "thing"), (["shadow", "get", "a b"], "'a b' is no name of a thing"),
        (["shadow", "get", "lamp", "-n", "a/b"], "'a/b' is no name of a shadow"),
        (["shadow", "get", "lamp", "--url", "mqtt://x"], "must begin with http:// or https://"),
        (["shadow", "get", "lamp", "--url", "http://x/path"], "scheme, host and port only"),
        (["shadow", "get", "lamp", "--url", "http://x", "--ports-file", "p"], "give one of them"),
        (["shadow", "get", "lamp", "--ca", "x", "--insecure"], "give one of them"), (["shadow", "get", "lamp", "--key", "A"], "--secret"),
        (["shadow", "history", "lamp", "--secret", "x"], "Unknown option '--secret'"),
        (["shadow", "list", "a/b"], "'a/b' is no name of a thing"), (["shadow", "update", "lamp"], "nothing to send"),
        (["shadow", "update", "lamp", "{}", "--desired", "{}"], "give it alone"),
        (["shadow", "update", "lamp", "{}", "--version", "3"], "give it alone"),
        (["shadow", "update", "lamp", "--desired", "{a:1}"], "--desired is not JSON: line 1, column 2"),
        (["shadow", "diff", "lamp"], "from"), (["shadow", "diff", "lamp", "x"], "x"), (["shadow", "at", "lamp", "soon"], "soon"),
        (["shadow", "restore", "lamp"], "version"), (["restore"], "file"), (["serve", "--seed-shadows", ""], "--seed-shadows is empty"),
    ])
    func aMistakeIsAnsweredWithTheWayOut(arguments: [String], words: String) throws {
        let error = #expect(throws: (any Error).self) { try Sundial.parseAsRoot(arguments) }
        let message = Sundial.fullMessage(for: try #require(error))
        #expect(message.contains(words), "\(message)")
    }

    @Test(arguments: [
        (["--desired", #"{"a":1}"#], #"{"state":{"desired":{"a":1}}}"#),
        (["--reported", "null", "--desired", #"{"a":1.0}"#], #"{"state":{"desired":{"a":1.0},"reported":null}}"#),
        (["--desired", "{}", "--version", "7", "--client-token", "t"], #"{"state":{"desired":{}},"version":7,"clientToken":"t"}"#),
        (["not JSON at all"], "not JSON at all"),
    ])
    func anUpdateIsWrittenFromItsParts(words: [String], document: String) throws {
        let update = try #require(try Sundial.parseAsRoot(["shadow", "update", "lamp"] + words) as? ShadowCommand.Update)
        #expect(String(decoding: try update.payload(), as: UTF8.self) == document)
    }

    @Test func everyShadowCommandShowsAnExample() {
        for command in ShadowCommand.configuration.subcommands {
            #expect(command.configuration.discussion.contains("Example"), "\(command)")
        }
    }

    @Test(
        arguments: [
            ([:], "nothing"), (["shadows": 1, "versions": 3], "1 shadow (3 versions)"),
            (["shadows": 0, "versions": 1, "retained": 2], "no shadows (1 version), 2 retained messages"),
            (["shadows": 0, "sessions": 1, "things": 4], "1 session, 4 things"),
        ] as [(JSONValue, String)])
    func countsAreWords(counts: JSONValue, text: String) {
        #expect(StateCountsText.of(counts) == text)
    }
}
