import ArgumentParser
import Broker
import SigV4
import Testing
import Timeline

@testable import sundial

/// Flags as people type them. DESIGN §9.
@Suite struct CommandLineTests {
    @Test func serveOpensFourDoorsOnThisMachine() throws {
        let serve = try #require(try Sundial.parseAsRoot(["serve"]) as? ServeCommand)
        let listeners = serve.doors.listeners()
        #expect(listeners.map(\.name) == ["mqtt", "mqtts", "http", "https"])
        #expect(listeners.map(\.port) == [1883, 8883, 8080, 8443])
        #expect(listeners.map(\.profile.name) == ["plain", "aws", "aws", "aws"])
        #expect(listeners.allSatisfy { $0.hosts == ["127.0.0.1", "::1"] })
        #expect(!serve.doors.isBeyondLoopback)
    }

    @Test func anAddressGivenTwiceOrInBracketsIsListenedOnOnce() throws {
        let words = ["serve", "--bind", "[::1]", "--bind", "127.0.0.1", "--bind", "::1", "--mqtt-port", "0", "--http-port", "0"]
        let serve = try #require(try Sundial.parseAsRoot(words) as? ServeCommand)
        #expect(serve.doors.listeners().allSatisfy { $0.hosts == ["::1", "127.0.0.1"] })
        #expect(!serve.doors.isBeyondLoopback)
    }

    @Test func aDoorCanStayClosedAndTheOthersMoveToAnAddress() throws {
        let serve = try #require(
            try Sundial.parseAsRoot(["serve", "--no-mqtts", "--bind", "0.0.0.0", "--mqtt-port", "0"]) as? ServeCommand)
        #expect(serve.doors.listeners().map(\.name) == ["mqtt", "http", "https"])
        #expect(serve.doors.listeners().allSatisfy { $0.hosts == ["0.0.0.0"] })
        #expect(serve.doors.isBeyondLoopback)
    }

    @Test(arguments: [
        (["serve", "--mqtt-prot", "1"], "--mqtt-port"), (["serve", "--state", ""], "or memory"), (["serve", "--history", "0"], "give 1"),
        (["serve", "--mqtt-port", "65536"], "65536"),
        (["serve", "--bind", "everywhere"], "everywhere"), (["serve", "--mqtt-port", "8443"], "--https-port"),
        (["serve", "--mqtts-port", "2", "--http-port", "2"], "--mqtts-port and --http-port are both 2"),
        (["sign", "--host", "localhost:99"], "bare name"), (["sign", "--host", ""], "--host"),
        (["serve", "--ports-file", ""], "--ports-file"),
        (["sign", "--region", ""], "--region is empty"),
        (["pub", "-t", "a", "-n", "--sign", "--key", "", "--secret", "s"], "--key is empty"), (["serve", "--cert", "a.pem"], "--key"),
        (["serve", "--verify", "maybe"], "lenient"),
        (["serve", "--no-mqtt", "--no-mqtts", "--no-http", "--no-https"], "closed"), (["serve", "--host-alias", "a b"], "--host-alias"),
        (["run"], "file"), (["sign", "--key", "A"], "--secret"), (["sign", "--date", "today"], "20260102T030405Z"),
        (["sign", "--port", "1", "--ports-file", "p"], "--ports-file"),
        (["pub", "-t", "a"], "-m TEXT"), (["pub", "-t", "a", "-m", "b", "-n"], "only one"),
        (["pub", "-t", "a", "-m", "b", "-q", "3"], "3"),
        (["sub"], "--topic"), (["sub", "-t", "a", "-c"], "-i"), (["sub", "-t", "a", "--url", "http://x"], "ws://"),
        (["sub", "-t", "a", "--url", "ws://x", "-p", "1"], "--url"), (["sub", "-t", "a", "--will-retain"], "--will-topic"),
        (["sub", "-t", "a", "--sign", "--url", "mqtt://x"], "ws://"),
    ])
    func aMistakeIsAnsweredWithTheWayOut(arguments: [String], words: String) throws {
        let error = #expect(throws: (any Error).self) { try Sundial.parseAsRoot(arguments) }
        let message = Sundial.fullMessage(for: try #require(error))
        #expect(message.contains(words), "\(message)")
    }

    @Test(
        arguments: [("serv", "'serve'"), ("sbu", "'sub'"), ("dance", "serve, pub"), ("--version", nil), ("pub", nil), (nil, nil)]
            as [(String?, String?)])
    func aWordThatIsNoCommandIsAnsweredWithTheNearest(word: String?, words: String?) {
        let complaint = CommandName(known: ["serve", "pub", "sub"]).complaint(about: word)
        #expect((complaint == nil) == (words == nil))
        if let words { #expect(complaint?.text.contains(words) == true, "\(complaint?.text ?? "")") }
    }

    @Test func everyCommandShowsExamples() throws {
        for command in Sundial.configuration.subcommands {
            #expect(command.configuration.discussion.contains("Examples:"))
        }
    }

    @Test(arguments: [
        ("plain", "plain"), ("/a/b-c_d.e", "/a/b-c_d.e"), ("a b", "'a b'"), ("it's", "'it'\\''s'"), ("", "''"), ("$HOME", "'$HOME'"),
    ])
    func wordsToPasteSurviveAShell(word: String, quoted: String) {
        #expect(ShellWord.quoted(word) == quoted)
    }
}
