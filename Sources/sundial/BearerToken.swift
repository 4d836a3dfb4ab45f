/// The token that `/_sundial/` asks for beyond this machine.
enum BearerToken {
    /// 128 bits in hexadecimal digits.
    static func fresh() -> String {
        var random = SystemRandomNumberGenerator()
        return (0..<4).map { _ in
            let digits = String(UInt32.random(in: 0 ... .max, using: &random), radix: 16)
            return String(repeating: "0", count: 8 - digits.count) + digits
        }.joined()
    }
}
