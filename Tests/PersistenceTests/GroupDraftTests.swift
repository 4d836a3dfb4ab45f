import Broker
import MQTTWire
import Sessions
import Shadows
import Testing
import Timeline
import Topics

@testable import Persistence

@Suite("What a group leaves behind")
struct GroupDraftTests {
    private static func message(_ text: String) -> StoredMessage {
        StoredMessage(topic: Array("t".utf8), payload: Array(text.utf8), properties: [], qos: .exactlyOnce, cause: 1, expiresAt: nil)
    }

    private static func record(
        _ serial: UInt64, _ message: StoredMessage? = Self.message("m"), packetID: UInt16 = 0
    ) -> OutboundFlight.Record {
        OutboundFlight.Record(serial: serial, message: message, qos: .exactlyOnce, retain: false, packetID: packetID)
    }

    private static func version(_ serial: UInt64) throws -> ShadowVersion {
        let id = ShadowID(thing: try #require(ThingName("T")))
        let record = ShadowRecord(
            id: id, version: Int64(serial), changedAt: WallTime(secondsSinceEpoch: 1), desired: nil, reported: nil)
        return ShadowVersion(
            serial: serial, change: .stored(record), origin: .init(cause: serial, clientID: nil, principal: nil))
    }

    @Test func aMessageThatCameAndWentIsNotWritten() {
        let draft = GroupDraft([
            .queued(1, Self.record(1)), .sent(1, serial: 1, packetID: 1), .handedOver(1, serial: 1), .released(1, serial: 1),
        ])
        #expect(draft.newMessages.isEmpty)
        #expect(draft.messageChanges.isEmpty)
    }

    @Test func aMessageIsWrittenAsFarAsItGot() {
        let draft = GroupDraft([.queued(1, Self.record(1)), .sent(1, serial: 1, packetID: 9), .handedOver(1, serial: 1)])
        let record = draft.newMessages.values.first
        #expect(record?.packetID == 9)
        #expect(record?.message == nil)
    }

    @Test func aMessageOfAnEarlierGroupKeepsThePacketIDOfThisOne() {
        let draft = GroupDraft([.sent(1, serial: 1, packetID: 9), .handedOver(1, serial: 1)])
        guard case .handedOver(packetID: 9)? = draft.messageChanges.values.first else {
            Issue.record("\(draft.messageChanges)")
            return
        }
    }

    @Test func theEndOfASessionTakesItsMessagesAlong() {
        let draft = GroupDraft([.queued(1, Self.record(1)), .queued(2, Self.record(1)), .released(1, serial: 7), .sessionEnded(1)])
        #expect(draft.newMessages.keys.map(\.session) == [2])
        #expect(draft.messageChanges.isEmpty)
        #expect(draft.endedSessions == [1])
    }

    @Test func versionsDroppedInTheSameGroupAreNotWritten() throws {
        let draft = GroupDraft([
            .shadow(try Self.version(5)), .shadow(try Self.version(6)), .shadowVersionsDropped([4, 5]),
        ])
        #expect(draft.shadows.keys.sorted() == [6])
        #expect(draft.droppedShadowVersions == [4])
        #expect(draft.withoutShadowChanges.shadows.isEmpty)
        #expect(draft.withoutShadowChanges.droppedShadowVersions == [4])
    }

    @Test func anImageTakesThePlaceOfEverythingBefore() throws {
        let image = StateImage(shadows: [try Self.version(9)])
        let draft = GroupDraft([.shadow(try Self.version(8)), .queued(1, Self.record(1)), .replaced(image), .queued(3, Self.record(2))])
        #expect(draft.replacesAll)
        #expect(draft.imageShadows.map(\.serial) == [9])
        #expect(draft.shadows.isEmpty)
        #expect(draft.newMessages.keys.map(\.session) == [3])
        let later = GroupDraft([.replaced(image), .shadow(try Self.version(10))]).withoutShadowChanges
        #expect(later.imageShadows.map(\.serial) == [9], "an image is kept whole, however often it is tried")
        #expect(later.shadows.isEmpty, "what came after it was refused")
    }

    // MARK: Which message goes with its last delivery

    @Test func aMessageForManySessionsIsWrittenOnceAndGoesWithTheLast() {
        let message = Self.message("shared")
        var table = MessageTable()
        let first = GroupDraft((1...3).map { .queued($0, Self.record(1, message)) })
        var plan = table.plan(for: first)
        #expect(plan.written.count == 1)
        #expect(Set(plan.deliveries.map(\.row)) == [plan.written[0].row])
        table.apply(plan, of: first)

        let second = GroupDraft([.released(1, serial: 1), .sessionEnded(2)])
        plan = table.plan(for: second)
        #expect(plan.dropped.isEmpty)
        table.apply(plan, of: second)

        let third = GroupDraft([.queued(4, Self.record(1, message)), .handedOver(3, serial: 1)])
        plan = table.plan(for: third)
        #expect(plan.written.isEmpty, "it is in the file already")
        #expect(plan.dropped.isEmpty)
        table.apply(plan, of: third)

        let fourth = GroupDraft([.released(4, serial: 1)])
        plan = table.plan(for: fourth)
        #expect(plan.dropped == [1])
        table.apply(plan, of: fourth)
        #expect(table.plan(for: GroupDraft([.released(3, serial: 1)])).dropped.isEmpty)
    }

    @Test func aPlanThatWasNotCarriedOutChangesNothing() {
        var table = MessageTable()
        let first = GroupDraft([.queued(1, Self.record(1))])
        table.apply(table.plan(for: first), of: first)
        let draft = GroupDraft([.released(1, serial: 1), .queued(1, Self.record(2))])
        let once = table.plan(for: draft)
        let twice = table.plan(for: draft)
        #expect(once.dropped == twice.dropped)
        #expect(once.written.map(\.row) == twice.written.map(\.row))
        #expect(once.dropped == [1])
    }
}
