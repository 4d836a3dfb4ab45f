import SigV4
import Testing
import Timeline

@testable import Broker
@testable import sundial

/// What `serve` prints: lines that work when pasted. DESIGN §2.
@Suite struct AnnouncementTests {
    private let now = WallTime(secondsSinceEpoch: 1_767_323_045)

    private func announcement(names: [String]) -> Announcement {
        Announcement(
            addresses: names.enumerated().map { Broker.Address(name: $1, host: "127.0.0.1", port: 40001 + $0, profile: .aws) },
            tls: .init(files: .init(certificatePath: "c", keyPath: "k"), authorityPath: "/my data/ca.pem", isNew: true),
            credentials: .local,
            region: "eu-west-1", signCommand: "sundial sign --port 40004", bearerToken: nil, now: self.now)
    }

    @Test func eachDoorHasALineToPasteAndTheLastLineIsReady() {
        let text = self.announcement(names: ["mqtt", "mqtts", "http", "https"]).text
        #expect(text.contains("mosquitto_sub -h localhost -p 40001 "))
        #expect(text.contains("mosquitto_sub -h localhost -p 40002 --cafile '/my data/ca.pem' "))
        #expect(text.contains("sundial sign --port 40004"))
        #expect(text.contains("03:09:05 UTC"))
        #expect(text.hasSuffix("\nready\n"))
    }

    @Test func theSignedURLsAreValidForFiveMinutes() throws {
        let text = self.announcement(names: ["http", "https"]).text
        let urls = text.split(whereSeparator: \.isWhitespace).filter { $0.contains("X-Amz-Signature=") }
        #expect(urls.map { $0.prefix(6) } == ["ws://l", "wss://"])
        for (url, authority) in zip(urls, ["localhost:40001", "localhost:40002"]) {
            let target = String(url.drop { $0 != "/" }.dropFirst(2).drop { $0 != "/" })
            let request = SignedRequest(method: "GET", target: target, headers: [(name: "host", value: authority)])
            var verifier = SigV4Verifier(credentials: CredentialSet(), hostPort: .exact, region: "eu-west-1")
            guard case .accepted = verifier.verify(request, now: self.now + .seconds(299)) else {
                Issue.record("\(url) is refused")
                return
            }
            guard case .refused(let refusal) = verifier.verify(request, now: self.now + .seconds(301)) else {
                Issue.record("\(url) is good for too long")
                return
            }
            #expect(refusal.reason == .expired)
        }
    }

    @Test(
        arguments: [
            (.real, nil), (.scaled(.one), "Time passes 1 times as fast as real time:  sundial clock\n"),
            (.virtual(auto: false), "Time stands at 2026-01-02T03:04:05.000Z until it is moved:  sundial clock advance 1h\n"),
            (.virtual(auto: true), "Time stands at 2026-01-02T03:04:05.000Z and moves while a run waits for it:  sundial clock\n"),
        ] as [(ClockKind, String?)])
    func aTimeThatIsNotRealIsSaid(kind: ClockKind, words: String?) {
        var announcement = self.announcement(names: ["mqtt"])
        announcement.clock = ClockState(kind: kind, instant: .zero, time: self.now, nextDeadline: nil, waiting: 0, stall: nil)
        #expect(announcement.text.contains(words ?? "MQTT client"))
        #expect(announcement.text.contains("Time ") == (words != nil))
    }

    @Test func withoutHTTPDoorsNothingIsSigned() {
        #expect(!self.announcement(names: ["mqtt"]).text.contains("X-Amz"))
    }
}
