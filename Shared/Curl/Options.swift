import CCurl
import EventLoop

/// Sets up one easy handle. The first refusal ends it, as an error.
struct Options {
    private let easy: UnsafeMutableRawPointer

    init(_ easy: UnsafeMutableRawPointer) { self.easy = easy }

    func set(_ transfer: Transfer, limits: HTTPClient.Limits) throws(HTTPClientError) {
        let request = transfer.request
        let host = try host(of: request.url)
        try string(CURLOPT_URL, request.url)
        try long(CURLOPT_NOSIGNAL, 1)
        // Without it, giving up while a name is being resolved waits for the resolver's thread.
        try long(CURLOPT_QUICK_EXIT, 1)
        try string(CURLOPT_PROTOCOLS_STR, "http,https")
        try long(CURLOPT_FOLLOWLOCATION, 0)
        try long(CURLOPT_DISALLOW_USERNAME_IN_URL, 1)
        try long(CURLOPT_PATH_AS_IS, 1)
        try long(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        try long(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS)
        try long(CURLOPT_SSL_VERIFYPEER, 1)
        try long(CURLOPT_SSL_VERIFYHOST, 2)
        try long(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
        try long(CURLOPT_TCP_KEEPALIVE, 1)
        try long(
            CURLOPT_CONNECTTIMEOUT_MS,
            Int(min(max(request.connectTimeout.nanoseconds / 1_000_000, 1), 3_600_000)))
        if let trust = limits.trust { try string(CURLOPT_CAINFO, trust) }
        if let path = request.unixSocket { try string(CURLOPT_UNIX_SOCKET_PATH, path) }
        if request.isPublicOnly { try check(atelier_easy_on_socket(easy, openPublicSocket)) }
        if request.unixSocket != nil || request.isPublicOnly || LocalHost.isLocal(host) {
            try string(CURLOPT_PROXY, "")
        }
        try message(request)
        let me = Unmanaged.passUnretained(transfer).toOpaque()
        try check(atelier_easy_on_header(easy, headerCame, me))
        try check(atelier_easy_on_body(easy, bodyCame, me))
    }

    /// Makes the handle as new, and frees what it was given. Its connection stays with the multi.
    func clear() {
        var raw: UnsafeMutableRawPointer?
        if atelier_easy_private(easy, &raw) == CURLE_OK, let raw {
            curl_slist_free_all(raw.assumingMemoryBound(to: curl_slist.self))
        }
        curl_easy_reset(easy)
    }

    // MARK: The request

    private func message(_ request: ClientRequest) throws(HTTPClientError) {
        try request.check()
        switch (request.method, request.body.isEmpty) {
        case ("GET", true): try long(CURLOPT_HTTPGET, 1)
        case ("HEAD", true): try long(CURLOPT_NOBODY, 1)
        case ("DELETE", true): try string(CURLOPT_CUSTOMREQUEST, "DELETE")
        default:
            try long(CURLOPT_POST, 1)
            try check(
                atelier_easy_size(
                    easy, CURLOPT_POSTFIELDSIZE_LARGE, request.body.count))
            // Copied: the transfer may be let go of while libcurl still has the pointer.
            let code =
                request.body.isEmpty
                ? atelier_easy_string(easy, CURLOPT_COPYPOSTFIELDS, "")
                : request.body.withUnsafeBytes {
                    atelier_easy_bytes(easy, CURLOPT_COPYPOSTFIELDS, $0.baseAddress)
                }
            try check(code)
            if request.method != "POST" { try string(CURLOPT_CUSTOMREQUEST, request.method) }
        }
        try headers(request)
    }

    /// The list belongs to the handle from its first line on, so that a later refusal frees it.
    private func headers(_ request: ClientRequest) throws(HTTPClientError) {
        // No pause for "100 Continue", and no type that the caller has not named.
        var lines = ["Expect:"]
        if !request.names("content-type") {
            lines.append("Content-Type:")
        }
        for (name, value) in request.headers {
            lines.append(value.isEmpty ? "\(name);" : "\(name): \(value)")
        }
        var list: UnsafeMutablePointer<curl_slist>?
        for line in lines {
            guard let longer = curl_slist_append(list, line) else {
                curl_slist_free_all(list)
                throw .other("libcurl has no memory")
            }
            list = longer
        }
        guard atelier_easy_bytes(easy, CURLOPT_PRIVATE, list) == CURLE_OK else {
            curl_slist_free_all(list)
            throw .other("libcurl has no memory")
        }
        try check(atelier_easy_list(easy, CURLOPT_HTTPHEADER, list))
    }

    // MARK: The address

    /// An address of IPv6 without its brackets.
    private func host(of url: String) throws(HTTPClientError) -> String {
        guard !url.utf8.contains(0), let parsed = curl_url() else { throw .badURL }
        defer { curl_url_cleanup(parsed) }
        guard curl_url_set(parsed, CURLUPART_URL, url, UInt32(CURLU_DISALLOW_USER)) == CURLUE_OK,
            let scheme = part(CURLUPART_SCHEME, of: parsed), ["http", "https"].contains(scheme),
            let host = part(CURLUPART_HOST, of: parsed)
        else { throw .badURL }
        return host.first == "[" ? String(host.dropFirst().dropLast()) : host
    }

    private func part(_ part: CURLUPart, of url: OpaquePointer) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(url, part, &text, 0) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }

    // MARK: One way to set

    private func long(_ option: CURLoption, _ value: Int) throws(HTTPClientError) {
        try check(atelier_easy_long(easy, option, value))
    }

    private func string(_ option: CURLoption, _ value: String) throws(HTTPClientError) {
        try check(atelier_easy_string(easy, option, value))
    }

    private func check(_ code: CURLcode) throws(HTTPClientError) {
        if code != CURLE_OK { throw HTTPClientError(code) }
    }
}

extension HTTPClientError {
    /// libcurl's code in our words. Its message for this one transfer is not used: it may quote the
    /// address.
    init(_ code: CURLcode) {
        switch code {
        case CURLE_URL_MALFORMAT, CURLE_LOGIN_DENIED: self = .badURL
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: self = .resolve
        // The only time limit that is left to libcurl is the one for connecting.
        case CURLE_COULDNT_CONNECT, CURLE_OPERATION_TIMEDOUT, CURLE_PROXY: self = .connect
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE,
            CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR,
            CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_ENGINE_NOTFOUND:
            self = .tls
        case CURLE_PARTIAL_FILE, CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR,
            CURLE_HTTP2, CURLE_HTTP2_STREAM:
            self = .truncated
        case CURLE_FILESIZE_EXCEEDED: self = .tooLarge
        default: self = .other(String(cString: curl_easy_strerror(code)))
        }
    }
}

// File-level, so that they are not inferred to belong to an actor. What they return short of
// `count` ends the transfer.

private func headerCame(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let context else { return 0 }
    let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    transfer.lastByte = monotonic()
    let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
    transfer.receive(HeadLine(line), bytes: line.count)
    return transfer.refusal == nil ? size * count : 0
}

private func bodyCame(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let context else { return 0 }
    let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    transfer.lastByte = monotonic()
    guard transfer.hasRoom() else { return Int(CURL_WRITEFUNC_PAUSE) }
    transfer.receive(UnsafeRawBufferPointer(start: bytes, count: size * count))
    return transfer.refusal == nil ? size * count : Int(CURL_WRITEFUNC_ERROR)
}
