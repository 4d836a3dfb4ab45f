/// Steps, the first in file order on top. An entry may be in it twice; the second is found stale when it comes up.
struct MinHeap: Sendable {
    private var entries: [StepNumber] = []

    var first: StepNumber? { self.entries.first }

    mutating func insert(_ number: StepNumber) {
        self.entries.append(number)
        var place = self.entries.count - 1
        while place > 0, self.entries[place] < self.entries[(place - 1) / 2] {
            self.entries.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    mutating func popFirst() -> StepNumber? {
        guard let first = self.entries.first else { return nil }
        let last = self.entries.removeLast()
        guard !self.entries.isEmpty else { return first }
        self.entries[0] = last
        var place = 0
        while true {
            var least = place
            for child in [2 * place + 1, 2 * place + 2] where child < self.entries.count && self.entries[child] < self.entries[least] {
                least = child
            }
            if least == place { return first }
            self.entries.swapAt(place, least)
            place = least
        }
    }
}
