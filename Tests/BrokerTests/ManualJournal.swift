import Broker
import Sessions
import Shadows
import Topics

/// A journal that commits when the test says so.
final class ManualJournal: Journal {
    private(set) var entries: [String] = []
    private(set) var groups: [UInt64] = []
    private(set) var discards = 0
    var openBytes = 0

    func append(_ entry: JournalEntry) {
        switch entry {
        case .shadow(let version): self.entries.append("shadow v\(version.version)")
        case .shadowVersionsDropped(let serials): self.entries.append("dropped \(serials)")
        case .retained(let topic, let message): self.entries.append("retained \(topic.string) \(message == nil ? "removed" : "set")")
        case .sessionOpened(let record): self.entries.append("session \(record.clientID)")
        case .sessionLeft(let number, _, _, let willDueAt): self.entries.append("\(number) left\(willDueAt == nil ? "" : " a will")")
        case .willSettled(let number): self.entries.append("\(number) will settled")
        case .sessionEnded(let number): self.entries.append("\(number) ended")
        case .subscribed(let number, let filter, _): self.entries.append("\(number) + \(filter.string)")
        case .unsubscribed(let number, let filter): self.entries.append("\(number) - \(filter.string)")
        case .queued(let number, let record): self.entries.append("\(number) queued \(record.serial) as \(record.packetID)")
        case .sent(let number, let serial, let packetID): self.entries.append("\(number) sent \(serial) as \(packetID)")
        case .handedOver(let number, let serial): self.entries.append("\(number) handed over \(serial)")
        case .released(let number, let serial): self.entries.append("\(number) released \(serial)")
        case .arrived(let number, let packetID): self.entries.append("\(number) arrived \(packetID)")
        case .completed(let number, let packetID): self.entries.append("\(number) completed \(packetID)")
        case .thing(let thing): self.entries.append("thing \(thing.name.text) \(thing.version)")
        case .thingRemoved(let name): self.entries.append("thing \(name.text) removed")
        case .replaced: self.entries.append("replaced")
        }
    }

    func commit(group: UInt64, clock: ClockReading) {
        self.groups.append(group)
    }

    func discardShadowChanges() {
        self.discards += 1
    }
}
