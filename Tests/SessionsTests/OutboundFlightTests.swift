import MQTTWire
import Testing
import Timeline

@testable import Sessions

@Suite("Messages in flight to a client (MQTT 5 §4.3, §4.4, §4.9)")
struct OutboundFlightTests {
    private static func message(_ text: String, expiresAt: Instant? = nil) -> StoredMessage {
        StoredMessage(topic: Array("t".utf8), payload: Array(text.utf8), properties: [], qos: .atLeastOnce, cause: 1, expiresAt: expiresAt)
    }

    private static func flight(window: Int = 10, queue: Int = 10, keeps: Bool = true) -> OutboundFlight {
        var limits = SessionLimits()
        limits.maximumQueuedMessages = queue
        var flight = OutboundFlight(limits: limits, keepsMessages: keeps)
        flight.connected(window: window)
        return flight
    }

    @Test func packetIDsCountUpAndSkipZero() throws {
        var flight = Self.flight(window: 65_535)
        for expected in 1...65_535 {
            #expect(flight.begin(qos: .atLeastOnce, retain: false, message: nil) == UInt16(expected))
            #expect(flight.pubackReceived(UInt16(expected)).isReleased)
        }
        #expect(flight.begin(qos: .atLeastOnce, retain: false, message: nil) == 1)
    }

    @Test func aFullWindowGivesNoPacketID() {
        var flight = Self.flight(window: 2)
        #expect(flight.begin(qos: .atLeastOnce, retain: false, message: nil) == 1)
        #expect(flight.begin(qos: .atLeastOnce, retain: false, message: nil) == 2)
        #expect(flight.begin(qos: .atLeastOnce, retain: false, message: nil) == nil)
        #expect(flight.pubackReceived(2).isReleased)
        #expect(flight.begin(qos: .atLeastOnce, retain: false, message: nil) == 3)
    }

    @Test func acknowledgementsMayComeInAnyOrderAndOnlyOnce() {
        var flight = Self.flight()
        for _ in 1...5 { _ = flight.begin(qos: .atLeastOnce, retain: false, message: nil) }
        for id in [3, 1, 5, 2, 4] as [UInt16] {
            #expect(flight.pubackReceived(id).isReleased)
            #expect(flight.pubackReceived(id) == .unknown)
        }
        #expect(flight.isEmpty)
        #expect(flight.pubackReceived(0) == .unknown)
        #expect(flight.pubackReceived(9) == .unknown)
    }

    @Test func nothingOvertakesAMessageThatWaits() {
        var flight = Self.flight(window: 1)
        _ = flight.begin(qos: .atLeastOnce, retain: false, message: nil)
        #expect(flight.enqueue(Self.message("first"), qos: .atLeastOnce, retain: false) == true)
        #expect(flight.pubackReceived(1).isReleased)
        #expect(flight.begin(qos: .atLeastOnce, retain: false, message: nil) == nil)
        #expect(flight.nextMessage(now: .zero)?.message.payload == Array("first".utf8))
    }

    @Test func aFullQueueRefusesTheNewest() {
        var flight = Self.flight(queue: 2)
        #expect(flight.enqueue(Self.message("a"), qos: .atLeastOnce, retain: false) == true)
        #expect(flight.enqueue(Self.message("b"), qos: .atLeastOnce, retain: false) == true)
        #expect(flight.enqueue(Self.message("c"), qos: .atLeastOnce, retain: false) == false)
        #expect(flight.waitingCount == 2)
    }

    @Test func aQueueIsAlsoBoundedInBytes() {
        var limits = SessionLimits()
        limits.maximumQueuedBytes = 10
        var flight = OutboundFlight(limits: limits, keepsMessages: true)
        #expect(flight.enqueue(Self.message("12345678"), qos: .atLeastOnce, retain: false) == true)
        #expect(flight.enqueue(Self.message("1"), qos: .atLeastOnce, retain: false) == false)
        _ = flight.nextDelivery(now: .zero)
        #expect(flight.enqueue(Self.message("1"), qos: .atLeastOnce, retain: false) == true)
    }

    @Test func whatExpiredWhileWaitingIsSkipped() {
        var flight = Self.flight()
        _ = flight.enqueue(Self.message("old", expiresAt: .zero + .seconds(1)), qos: .atLeastOnce, retain: false)
        _ = flight.enqueue(Self.message("new"), qos: .atLeastOnce, retain: false)
        #expect(flight.nextMessage(now: .zero + .seconds(1))?.message.payload == Array("new".utf8))
        #expect(flight.waitingCount == 0)
    }

    @Test func qos2GoesThroughPubrecAndPubcomp() {
        var flight = Self.flight()
        _ = flight.begin(qos: .exactlyOnce, retain: false, message: Self.message("x"))
        #expect(flight.pubackReceived(1) == .unknown)
        #expect(flight.pubcompReceived(1) == .unknown)
        #expect(flight.pubrecReceived(1, failed: false).sendsPubrel)
        #expect(flight.pubrecReceived(1, failed: false).sendsPubrel)
        #expect(flight.pubcompReceived(1).isReleased)
        #expect(flight.isEmpty)
    }

    @Test func aFailedPubrecEndsTheFlight() {
        var flight = Self.flight()
        _ = flight.begin(qos: .exactlyOnce, retain: false, message: nil)
        #expect(flight.pubrecReceived(1, failed: true).isReleased)
        #expect(flight.isEmpty)
    }

    @Test func aResendHasEverythingUnacknowledgedOldestFirst() {
        var flight = Self.flight()
        for text in ["a", "b", "c"] { _ = flight.begin(qos: .atLeastOnce, retain: false, message: Self.message(text)) }
        _ = flight.begin(qos: .exactlyOnce, retain: false, message: Self.message("d"))
        _ = flight.pubackReceived(2)
        _ = flight.pubrecReceived(4, failed: false)
        flight.connected(window: 10)
        #expect(Self.resends(&flight) == ["1 awaitingPuback a", "3 awaitingPuback c", "4 awaitingPubcomp "])
    }

    private static func resends(_ flight: inout OutboundFlight) -> [String] {
        var list: [String] = []
        while let entry = flight.nextResend() {
            list.append("\(entry.id) \(entry.phase) \(String(decoding: entry.message?.payload ?? [], as: UTF8.self))")
        }
        return list
    }

    /// [MQTT5-3.3.4-9]
    @Test func aResendKeepsToTheNewWindowAndNothingOvertakesIt() {
        var flight = Self.flight()
        for text in ["a", "b", "c", "d"] { _ = flight.begin(qos: .atLeastOnce, retain: false, message: Self.message(text)) }
        flight.connected(window: 2)
        #expect(Self.resends(&flight) == ["1 awaitingPuback a", "2 awaitingPuback b"])
        #expect(flight.begin(qos: .atLeastOnce, retain: false, message: Self.message("e")) == nil)
        #expect(flight.enqueue(Self.message("e"), qos: .atLeastOnce, retain: false) == true)
        _ = flight.pubackReceived(2)
        #expect(flight.nextMessage(now: .zero) == nil)
        #expect(Self.resends(&flight) == ["3 awaitingPuback c"])
        _ = flight.pubackReceived(1)
        _ = flight.pubackReceived(3)
        #expect(Self.resends(&flight) == ["4 awaitingPuback d"])
        #expect(flight.nextMessage(now: .zero)?.id == 5)
        #expect(!flight.hasBacklog)
    }

    @Test func anAcknowledgementThatComesBeforeTheResendMakesItNeedless() {
        var flight = Self.flight()
        for text in ["a", "b"] { _ = flight.begin(qos: .atLeastOnce, retain: false, message: Self.message(text)) }
        flight.connected(window: 2)
        _ = flight.pubackReceived(1)
        #expect(Self.resends(&flight) == ["2 awaitingPuback b"])
        #expect(flight.begin(qos: .atLeastOnce, retain: false, message: Self.message("c")) == 3)
    }

    @Test func aMessageOfQoS0MayWaitAndTakesNoPacketID() {
        var flight = Self.flight(window: 0)
        #expect(flight.enqueue(Self.message("a"), qos: .atMostOnce, retain: true) == true)
        #expect(flight.nextMessage(now: .zero)?.id == 0)
        #expect(flight.unacknowledgedCount == 0)
    }

    @Test func aSessionThatEndsWithItsConnectionKeepsNoCopies() {
        var flight = Self.flight(keeps: false)
        _ = flight.begin(qos: .atLeastOnce, retain: false, message: Self.message("a"))
        flight.connected(window: 10)
        #expect(Self.resends(&flight) == ["1 awaitingPuback "])
    }

    @Test func anIDThatIsStillUsedIsNotGivenAgain() {
        var flight = Self.flight(window: 65_535)
        _ = flight.begin(qos: .atLeastOnce, retain: false, message: nil)
        for id in 2...65_535 {
            #expect(flight.begin(qos: .atLeastOnce, retain: false, message: nil) == UInt16(id))
            #expect(flight.pubackReceived(UInt16(id)).isReleased)
        }
        #expect(flight.begin(qos: .atLeastOnce, retain: false, message: nil) == nil)
        #expect(flight.pubackReceived(1).isReleased)
        #expect(flight.begin(qos: .atLeastOnce, retain: false, message: nil) == 1)
    }
}

extension OutboundFlight.Acknowledgement {
    fileprivate var isReleased: Bool {
        if case .released = self { true } else { false }
    }
    fileprivate var sendsPubrel: Bool {
        if case .sendPubrel = self { true } else { false }
    }
}

extension OutboundFlight {
    /// The next one to send, past those that expired.
    fileprivate mutating func nextMessage(now: Instant) -> Delivery? {
        while let next = self.nextDelivery(now: now) {
            if case .deliver(let delivery) = next { return delivery }
        }
        return nil
    }
}
