import JSON
import Shadows
import Timeline

/// `shadowIs`: a look at the state of a shadow. Source: scheduler §16.4.
extension PlanEngine {
    mutating func openShadowCheck(_ number: StepNumber, _ state: LiveStep, _ check: ShadowCheck) {
        let until = self.now + self.timeout(of: state.step)
        self.live[number]?.phase = .watching
        self.live[number]?.timer = self.timers.schedule(.ends(number), at: until, kind: .plan)
        self.out.append(.readShadow(number, check.shadow))
    }

    mutating func checkShadow(_ number: StepNumber, _ reading: ShadowReading) {
        guard let state = self.live[number], state.phase == .watching, case .shadowIs(let check) = state.step.kind else { return }
        guard let found = reading.state else {
            if check.isAbsent { self.settle(number) } else { self.fail(number, got: "there is no such shadow") }
            return
        }
        if check.isAbsent {
            self.fail(number, got: "there is one, version \(reading.version.map { String($0) } ?? "unknown"): \(found.text)")
            return
        }
        do throws(MissingVariable) {
            let differences = try self.differences(check, found, reading.version)
            if differences.isEmpty { self.settle(number) } else { self.fail(number, got: differences.joined(separator: "; ")) }
        } catch {
            self.fail(number, got: "the variable \(error.name) has no value yet: no expectation has captured it before this step's time")
        }
    }

    private func differences(_ check: ShadowCheck, _ found: JSONValue, _ version: Int64?) throws(MissingVariable) -> [String] {
        var texts: [String] = []
        if let expected = check.version, version != expected {
            texts.append("version: expected \(expected), found \(version.map { String($0) } ?? "none")")
        }
        var differences: [JSONDifference] = []
        if let equals = check.equals {
            JSONDifference.add(between: try LateText.filled(equals, from: self.values), and: found, to: &differences)
        }
        if let includes = check.includes { includes.addDifferences(from: found, self.values, to: &differences) }
        return texts + differences.map(\.text)
    }
}
