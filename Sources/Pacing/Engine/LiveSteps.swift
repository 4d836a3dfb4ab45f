/// The steps that have not ended, by their numbers.
///
/// Numbers are dense, so a step is found by subtraction, and its fields change where they are. Memory: a few bytes for every
/// number from the oldest step here to the newest.
struct LiveSteps: Sendable {
    private static let nowhere = Int32(-1)

    /// The place among `steps` of each number from `first` on; those up to `head` are over.
    private var places: [Int32] = []
    private var head = 0
    private var first = 0
    private var steps: [LiveStep?] = []
    private var freePlaces: [Int32] = []
    private(set) var count = 0

    var isEmpty: Bool { self.count == 0 }

    /// The first in file order.
    var firstNumber: StepNumber? { self.isEmpty ? nil : StepNumber(self.first + self.head) }

    /// In file order.
    var numbers: [StepNumber] {
        self.places.indices[self.head...].filter { self.places[$0] != Self.nowhere }.map { StepNumber(self.first + $0) }
    }

    /// In file order.
    var all: [LiveStep] { self.numbers.compactMap { self[$0] } }

    func contains(_ number: StepNumber) -> Bool { self.place(of: number) != nil }

    /// Nil when there is no such step; only what is there can be changed.
    subscript(_ number: StepNumber) -> LiveStep? {
        get {
            guard let place = self.place(of: number) else { return nil }
            return self.steps[place]
        }
        _modify {
            if let place = self.place(of: number) {
                yield &self.steps[place]
            } else {
                var nothing: LiveStep?
                yield &nothing
            }
        }
    }

    mutating func insert(_ step: LiveStep) {
        let number = step.step.number.rawValue
        if self.isEmpty {
            self.places.removeAll(keepingCapacity: true)
            self.head = 0
            self.first = number
        }
        if number < self.first {
            self.places.insert(contentsOf: repeatElement(Self.nowhere, count: self.first - number), at: 0)
            self.first = number
        }
        self.head = min(self.head, number - self.first)
        while self.first + self.places.count <= number { self.places.append(Self.nowhere) }
        if let free = self.freePlaces.popLast() {
            self.steps[Int(free)] = step
            self.places[number - self.first] = free
        } else {
            self.steps.append(step)
            self.places[number - self.first] = Int32(self.steps.count - 1)
        }
        self.count += 1
    }

    mutating func remove(_ number: StepNumber) -> LiveStep? {
        guard let place = self.place(of: number) else { return nil }
        self.places[number.rawValue - self.first] = Self.nowhere
        self.freePlaces.append(Int32(place))
        self.count -= 1
        while self.head < self.places.count, self.places[self.head] == Self.nowhere { self.head += 1 }
        if self.head > 1024, self.head * 2 > self.places.count {
            self.places.removeFirst(self.head)
            self.first += self.head
            self.head = 0
        }
        return self.steps[place].take()
    }

    private func place(of number: StepNumber) -> Int? {
        let index = number.rawValue - self.first
        guard index >= self.head, index < self.places.count, self.places[index] != Self.nowhere else { return nil }
        return Int(self.places[index])
    }
}
