import MQTTWire
import Testing

@testable import Sessions

@Suite("What becomes of a CONNECT (MQTT 5 §3.1.4; AWS IoT quotas)")
struct ConnectJudgementTests {
    private func judge(_ connect: Connect, _ change: (inout SessionLimits) -> Void = { _ in }) throws(ConnectRefusal) -> AcceptedConnect {
        var limits = SessionLimits()
        change(&limits)
        return try limits.judge(connect, freshClientID: { "fresh" })
    }

    @Test(
        arguments: [
            (0, 1200), (1, 30), (29, 30), (30, 30), (31, 31), (1000, 1000), (1200, 1200), (1201, 1200), (65_535, 1200),
        ] as [(UInt16, UInt16)])
    func awsMovesTheKeepAliveIntoItsRange(asked: UInt16, used: UInt16) throws {
        let accepted = try self.judge(Connect(protocolVersion: .v5, clientID: "a", keepAliveSeconds: asked)) {
            $0.keepAlive = .init(whenZero: 1200, minimumSeconds: 30, maximumSeconds: 1200)
        }
        #expect(accepted.keepAliveSeconds == used)
    }

    @Test func plainKeepsTheKeepAliveAndZeroIsOff() throws {
        #expect(try self.judge(Connect(protocolVersion: .v311, clientID: "a", keepAliveSeconds: 3)).keepAliveSeconds == 3)
        #expect(try self.judge(Connect(protocolVersion: .v311, clientID: "a", keepAliveSeconds: 0)).keepAliveSeconds == 0)
    }

    @Test func anEmptyClientIDIsMadeUp() throws {
        let accepted = try self.judge(Connect(protocolVersion: .v5, clientID: "", cleanStart: true))
        #expect(accepted.clientID.text == "auto-fresh")
        #expect(accepted.connack(sessionPresent: false, limits: SessionLimits()).assignedClientID == "auto-fresh")
    }

    @Test func anEmptyClientIDWithAKeptSessionIsRefusedBefore5() {
        #expect {
            try self.judge(Connect(protocolVersion: .v311, clientID: "", cleanStart: false))
        } throws: {
            ($0 as? ConnectRefusal)?.returnCode == .identifierRejected
        }
    }

    @Test func clientIDsAreLimitedInBytesNotCharacters() throws {
        let limit: (inout SessionLimits) -> Void = { $0.maximumClientIDBytes = 128 }
        _ = try self.judge(Connect(protocolVersion: .v5, clientID: String(repeating: "é", count: 64)), limit)
        #expect {
            try self.judge(Connect(protocolVersion: .v5, clientID: String(repeating: "é", count: 64) + "a"), limit)
        } throws: {
            ($0 as? ConnectRefusal)?.reason == .clientIdentifierNotValid
        }
    }

    @Test func dollarClientIDsAreReservedOnAWS() {
        #expect(throws: ConnectRefusal.self) {
            try self.judge(Connect(protocolVersion: .v5, clientID: "$me")) { $0.reservesDollarClientIDs = true }
        }
        #expect(throws: Never.self) { try self.judge(Connect(protocolVersion: .v5, clientID: "$me")) }
    }

    @Test func aWillOfTooHighQoSIsRefusedWithoutConnackBefore5() {
        let connect = Connect(protocolVersion: .v311, clientID: "a", will: Will(topic: "t", payload: [], qos: .exactlyOnce))
        #expect {
            try self.judge(connect) { $0.maximumQoS = .atLeastOnce }
        } throws: {
            ($0 as? ConnectRefusal)?.reason == .qosNotSupported && ($0 as? ConnectRefusal)?.returnCode == nil
        }
    }

    @Test func aWillWithAWildcardTopicIsRefused() {
        #expect {
            try self.judge(Connect(protocolVersion: .v5, clientID: "a", will: Will(topic: "a/+", payload: [])))
        } throws: {
            ($0 as? ConnectRefusal)?.reason == .topicNameInvalid
        }
    }

    @Test(arguments: [(600, 600), (3600, 3600), (600_000, 3600), (UInt32.max, 3600)] as [(UInt32, UInt32)])
    func awsCutsTheSessionExpiry(asked: UInt32, granted: UInt32) throws {
        var limits = SessionLimits()
        limits.maximumSessionExpirySeconds = 3600
        limits.announcesEveryFeature = true
        let accepted = try limits.judge(Connect(protocolVersion: .v5, clientID: "a", sessionExpirySeconds: asked), freshClientID: { "" })
        #expect(accepted.sessionExpirySeconds == granted)
        #expect(accepted.connack(sessionPresent: false, limits: limits).sessionExpirySeconds == granted)
    }

    @Test func cleanSession0IsKeptAndCleanSession1IsNot() throws {
        #expect(try self.judge(Connect(protocolVersion: .v311, clientID: "a", cleanStart: false)).isKept)
        #expect(try !self.judge(Connect(protocolVersion: .v311, clientID: "a", cleanStart: true)).isKept)
        #expect(try !self.judge(Connect(protocolVersion: .v5, clientID: "a", cleanStart: false)).isKept)
    }
}

@Suite("What happens to a will (MQTT 5 §3.1.2.5)")
struct WillPlanTests {
    private let will = Will(topic: "t", payload: [], delayIntervalSeconds: 5)

    @Test func aCleanEndDiscardsIt() {
        let end = ConnectionEnd(cause: .clientInitiated, reason: nil, text: "", discardsWill: true)
        #expect(WillPlan(will: self.will, end: end, sessionExpirySeconds: 100) == .none)
    }

    @Test func anUncleanEndPublishesItAfterItsDelay() {
        #expect(WillPlan(will: self.will, end: .lost, sessionExpirySeconds: 100) == .publishAfter(seconds: 5))
    }

    @Test func itsDelayNeverOutlivesTheSession() {
        #expect(WillPlan(will: self.will, end: .lost, sessionExpirySeconds: 2) == .publishAfter(seconds: 2))
        #expect(WillPlan(will: self.will, end: .lost, sessionExpirySeconds: 0) == .publish)
    }

    @Test func withoutAWillNothingHappens() {
        #expect(WillPlan(will: nil, end: .lost, sessionExpirySeconds: 0) == .none)
    }
}
