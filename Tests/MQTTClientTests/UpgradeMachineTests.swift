import SigV4
import Testing
import Timeline

@testable import MQTTClient

@Suite struct UpgradeMachineTests {
    /// The key of RFC 6455 §1.3 and the accept value it gives.
    private static let key = Array("the sample nonce".utf8)
    private static let good =
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
        + "sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nsec-websocket-protocol: mqtt\r\n\r\n"

    private func machine(target: String = "/mqtt?X-Amz-Signature=abc") -> UpgradeMachine {
        UpgradeMachine(target: target, host: "localhost:8080", subprotocol: "mqtt", headers: [("x-a", "b")], key: Self.key)
    }

    @Test func theRequestSaysWhatRFC6455Asks() {
        let text = String(decoding: self.machine().requestBytes, as: UTF8.self)
        #expect(text.hasPrefix("GET /mqtt?X-Amz-Signature=abc HTTP/1.1\r\nHost: localhost:8080\r\n"))
        for line in ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Protocol: mqtt", "x-a: b"] {
            #expect(text.contains("\r\n\(line)\r\n"))
        }
        #expect(text.hasSuffix("\r\n\r\n"))
    }

    @Test func aGoodAnswerUpgradesAndKeepsWhatFollows() {
        var machine = self.machine()
        #expect(machine.received(Array((Self.good + "\u{82}").utf8)) == .upgraded(rest: Array("\u{82}".utf8)))
    }

    @Test func everyPrefixOfTheAnswerWaitsForMore() {
        var machine = self.machine()
        for byte in Self.good.utf8.dropLast() { #expect(machine.received([byte]) == .needsMore) }
        #expect(machine.received([10]) == .upgraded(rest: []))
    }

    @Test(arguments: [
        ("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "AAAA", "accept"), ("websocket\r\n", "h2c\r\n", "upgrade to websocket"),
        ("protocol: mqtt", "protocol: chat", "subprotocol chat"),
        ("sec-websocket-protocol", "sec-websocket-extensions", "extensions"), ("HTTP/1.1", "SSH-2.0", "not HTTP"),
    ])
    func aWrongAnswerIsNamed(old: String, new: String, words: String) {
        var machine = self.machine()
        guard let place = Self.good.firstRange(of: old) else { preconditionFailure(old) }
        let text = Self.good[..<place.lowerBound] + new + Self.good[place.upperBound...]
        guard case .failed(let error) = machine.received(Array(text.utf8)) else {
            Issue.record("accepted")
            return
        }
        #expect(error.text.contains(words), "\(error.text)")
    }

    @Test func aRefusalCarriesStatusExplanationAndBody() {
        var machine = self.machine()
        let head = "HTTP/1.1 403 Forbidden\r\nX-Sundial-Explanation: the service differs\r\ncontent-length: 4\r\n\r\n"
        #expect(machine.received(Array((head + "{\"a").utf8)) == .needsMore)
        guard case .failed(.upgradeRefused(let refusal)) = machine.received(Array("}".utf8)) else {
            Issue.record("not refused")
            return
        }
        #expect(refusal == UpgradeRefusal(status: 403, phrase: "Forbidden", explanation: "the service differs", body: "{\"a}"))
        #expect(refusal.text == "the server refused the WebSocket upgrade with HTTP 403 Forbidden: the service differs")
    }

    @Test func aRefusalWithoutLengthEndsWithTheConnection() {
        var machine = self.machine()
        #expect(machine.received(Array("HTTP/1.0 200 OK\r\n\r\nhello".utf8)) == .needsMore)
        #expect(machine.ended() == .failed(.upgradeRefused(UpgradeRefusal(status: 200, phrase: "OK", body: "hello"))))
    }

    @Test func aBodyThatRepeatsTheSignedURLIsNotShown() {
        var machine = self.machine()
        let text = "HTTP/1.1 400 Bad Request\r\ncontent-length: 37\r\n\r\nbad target /mqtt?X-Amz-Signature=abc !"
        guard case .failed(let error) = machine.received(Array(text.utf8)) else {
            Issue.record("not refused")
            return
        }
        #expect(!error.text.contains("abc"))
    }

    @Test func silenceThenTheEndIsNamed() {
        var machine = self.machine()
        guard case .failed(let error) = machine.ended() else {
            Issue.record("not failed")
            return
        }
        #expect(error.text.contains("instead of answering"))
    }

    @Test func aSigningConfigurationSignsForHostAndPort() throws {
        var configuration = MQTTClientConfiguration(endpoint: try ClientEndpoint(parsing: "wss://localhost:8443/mqtt"))
        #expect(UpgradeMachine.target(configuration, at: WallTime(secondsSinceEpoch: 1_767_323_045)) == "/mqtt")
        configuration.signing = .init()
        let date = WallTime(secondsSinceEpoch: 1_767_323_045)
        let target = UpgradeMachine.target(configuration, at: date)
        var verifier = SigV4Verifier(credentials: CredentialSet([.local]), policy: .spec, hostPort: .exact)
        let request = SignedRequest(method: "GET", target: target, headers: [(name: "Host", value: "localhost:8443")])
        guard case .accepted(let principal, _) = verifier.verify(request, now: date) else {
            Issue.record("refused")
            return
        }
        #expect(principal == "test")
    }
}
