/// A query string taken apart, each name and value decoded and encoded again strictly.
///
/// Source: `sigv4-websocket.md` §1 and §6.4; AWS General Reference, "Create a canonical request", step 4.
struct CanonicalQuery: Sendable {
    /// One `name=value`, as ranges of `bytes`.
    struct Parameter: Sendable {
        let name: Range<Int>
        let value: Range<Int>
        /// The same two in the raw query.
        let rawName: Range<Int>
        let rawValue: Range<Int>
    }

    /// All names and values, encoded.
    let bytes: [UInt8]
    /// The query as it came.
    let raw: [UInt8]
    /// In the order of the URL.
    let parameters: [Parameter]
    /// Whether a literal `+` occurs, so that two readings exist.
    let hasPlus: Bool

    /// - Parameter plusIsSpace: reads `+` as form encoding does; otherwise it stands for itself.
    init(raw: ArraySlice<UInt8>, plusIsSpace: Bool = false) {
        let copy = Array(raw)
        var parameters: [Parameter] = []
        parameters.reserveCapacity(8)
        var hasPlus = false
        self.bytes = Array(unsafeUninitializedCapacity: 3 * copy.count) { output, count in
            copy.withUnsafeBufferPointer { input in
                var encoder = QueryEncoder(input: input, output: output, plusIsSpace: plusIsSpace)
                encoder.encodeAll { parameters.append($0) }
                count = encoder.count
                hasPlus = encoder.hasPlus
            }
        }
        self.raw = copy
        self.parameters = parameters
        self.hasPlus = hasPlus
    }

    /// Whether the decoded name of `parameter` is `name`, which holds unreserved characters only.
    func isNamed(_ parameter: Parameter, _ name: StaticString) -> Bool {
        guard parameter.name.count == name.utf8CodeUnitCount else { return false }
        for offset in 0..<parameter.name.count where self.bytes[parameter.name.lowerBound + offset] != name.utf8Start[offset] {
            return false
        }
        return true
    }

    /// The decoded name.
    func name(of parameter: Parameter) -> String { self.decoded(parameter.name) }

    /// The decoded value.
    func value(of parameter: Parameter) -> String { self.decoded(parameter.value) }

    private func decoded(_ range: Range<Int>) -> String {
        self.bytes.withUnsafeBufferPointer { bytes in
            let encoded = UnsafeBufferPointer(rebasing: bytes[range])
            if !encoded.contains(UInt8(ascii: "%")) { return String(decoding: encoded, as: UTF8.self) }
            return String(decoding: PercentEncoding.decode(self.bytes[range]), as: UTF8.self)
        }
    }

    /// Appends `name=value&…` of the parameters that `form` includes.
    func append(to output: inout [UInt8], form: QueryForm) {
        var chosen: [Int] = []
        chosen.reserveCapacity(self.parameters.count)
        for index in self.parameters.indices where self.includes(index, form) { chosen.append(index) }
        if form.isSorted {
            self.bytes.withUnsafeBufferPointer { bytes in
                chosen.sort { CanonicalQuery.precedes(self.parameters[$0], self.parameters[$1], bytes) }
            }
        }
        let start = output.count
        for index in chosen {
            if output.count > start { output.append(UInt8(ascii: "&")) }
            let parameter = self.parameters[index]
            self.append(encoded: parameter.name, raw: parameter.rawName, to: &output, form.encoding)
            output.append(UInt8(ascii: "="))
            self.append(encoded: parameter.value, raw: parameter.rawValue, to: &output, form.encoding)
        }
    }

    private func includes(_ index: Int, _ form: QueryForm) -> Bool {
        let parameter = self.parameters[index]
        if form.leavesOut(index) { return false }
        if self.isNamed(parameter, "X-Amz-Signature") { return false }
        return form.tokenInside || !self.isNamed(parameter, "X-Amz-Security-Token")
    }

    private static func precedes(_ left: Parameter, _ right: Parameter, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let names = CanonicalQuery.compare(left.name, right.name, bytes)
        return names == 0 ? CanonicalQuery.compare(left.value, right.value, bytes) < 0 : names < 0
    }

    private static func compare(_ left: Range<Int>, _ right: Range<Int>, _ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        for offset in 0..<min(left.count, right.count) {
            let difference = Int(bytes[left.lowerBound + offset]) - Int(bytes[right.lowerBound + offset])
            if difference != 0 { return difference }
        }
        return left.count - right.count
    }

    private func append(encoded: Range<Int>, raw: Range<Int>, to output: inout [UInt8], _ encoding: QueryForm.Encoding) {
        switch encoding {
        case .once: output.append(contentsOf: self.bytes[encoded])
        case .twice: output.append(contentsOf: PercentEncoding.encode(self.bytes[encoded]))
        case .asWritten: output.append(contentsOf: self.raw[raw])
        case .decoded: output.append(contentsOf: PercentEncoding.decode(self.bytes[encoded]))
        }
    }
}

/// One way to write the canonical query. `QueryForm()` is the right one for `/mqtt`; the others exist to recognise what went wrong.
struct QueryForm: Sendable, Equatable {
    enum Encoding: Sendable { case once, twice, asWritten, decoded }
    enum Omission: Sendable, Equatable { case none, one(Int), several([Int]) }

    /// Whether `X-Amz-Security-Token` takes part.
    var tokenInside = false
    var isSorted = true
    var encoding = Encoding.once
    var omission = Omission.none

    func leavesOut(_ index: Int) -> Bool {
        switch self.omission {
        case .none: false
        case .one(let omitted): index == omitted
        case .several(let omitted): omitted.contains(index)
        }
    }
}
