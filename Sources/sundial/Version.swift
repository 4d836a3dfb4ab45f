/// The version of this build, in one place.
enum Version {
    static let number = "0.1.0"
}
