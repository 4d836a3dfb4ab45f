import Pacing
import Testing

@testable import Runner

/// Readers of a run's events, each at its own pace.
@Suite struct RunFeedTests {
    private let feed = RunFeed()

    private final class Pages {
        var all: [RunEventPage] = []
        var last: RunEventPage? { self.all.last }
    }

    private func note(_ text: String) -> RunEvent { RunEvent(what: .note(text), at: .zero) }

    private func texts(_ page: RunEventPage?) -> [String] {
        (page?.events ?? []).map { event in
            if case .note(let text) = event.what { text } else { "\(event.what)" }
        }
    }

    private func read(from start: Int) -> Pages {
        let pages = Pages()
        _ = self.feed.read(from: start) { pages.all.append($0) }
        return pages
    }

    @Test func whatIsThereIsGivenAtOnceAndWhatComesWhenItIsTold() {
        self.feed.append(self.note("a"))
        #expect(self.texts(self.read(from: 0).last) == ["a"])
        let waiting = self.read(from: 1)
        self.feed.append(self.note("b"))
        self.feed.append(self.note("c"))
        #expect(waiting.all.isEmpty)
        self.feed.tellReaders()
        #expect(waiting.all.count == 1 && self.texts(waiting.last) == ["b", "c"] && waiting.last?.next == 3)
        self.feed.tellReaders()
        #expect(waiting.all.count == 1, "each call is answered once")
    }

    @Test func aReaderThatHasWaitedLongEnoughGetsNothing() throws {
        var page: RunEventPage?
        let waiter = try #require(self.feed.read(from: 0) { page = $0 })
        self.feed.giveUp(waiter)
        #expect(page?.events.isEmpty == true && page?.isLast == false && page?.next == 0)
        self.feed.giveUp(waiter)
        self.feed.append(self.note("a"))
        self.feed.tellReaders()
        #expect(page?.events.isEmpty == true)
    }

    @Test func theEndIsToldToEverybodyWhoWaitsAndToWhoComesLater() {
        let waiting = self.read(from: 0)
        self.feed.append(RunEvent(what: .finished(.passed, exitCode: 0), at: .zero))
        self.feed.tellReaders()
        #expect(waiting.last?.isLast == true && waiting.last?.events.count == 1)
        #expect(self.read(from: 0).last?.isLast == true)
        let beyond = self.read(from: 7).last
        #expect(beyond?.isLast == true && beyond?.events.isEmpty == true && beyond?.missed == 0)
    }

    @Test func aReaderThatFallsBehindIsToldHowMuchItHasMissed() {
        let total = RunFeed.maximumEvents + 25
        for number in 0..<total { self.feed.append(self.note("\(number)")) }
        let first = self.read(from: 5).last
        #expect(first?.missed == 20 && first?.first == 25)
        #expect(first?.events.count == RunFeed.pageEvents && self.texts(first).first == "25")
        var seen = self.texts(first)
        var next = first?.next ?? 0
        while let page = self.read(from: next).last, !page.events.isEmpty {
            #expect(page.missed == 0)
            seen += self.texts(page)
            next = page.next
            if next == total { break }
        }
        #expect(seen == (25..<total).map { "\($0)" })
    }
}
