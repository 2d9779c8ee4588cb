import REST

/// What the reference says of the endpoints of accounts beyond their fields.
enum AccountReference {
    static func complete(_ endpoint: Endpoint) -> Endpoint {
        switch "\(endpoint.method) \(endpoint.path)" {
        case "POST /auth/register":
            endpoint.keyed().fails(403, 409).example(
                #"{"email": "grace@example.org", "password": "correct horse", "name": "Grace"}"#)
        case "POST /auth/login":
            endpoint.reads("application/json", "application/x-www-form-urlencoded").fails(401)
                .example(#"{"email": "ada@example.org", "password": "correct horse battery"}"#)
        case "POST /auth/session":
            endpoint.fails(401, 403)
                .example(#"{"email": "ada@example.org", "password": "correct horse battery"}"#)
        case "POST /auth/refresh":
            endpoint.fails(401, 403).example(#"{"refresh_token": "art_none"}"#)
        case "GET /auth/oidc/start":
            endpoint.answers(303).fails(401, 403, 404, 502).takes(
                .text("provider", "One of `/auth/providers`; the first without it"),
                .text("return_to", "A path of our page"),
                .text("link", "`1` links an account to who is signed in"))
        case "GET /auth/oidc/callback":
            endpoint.answers(303).fails(401, 403, 404, 409, 502).takes(
                .text("state", "What `/auth/oidc/start` gave the provider"),
                .text("code", "What the provider gave the browser"),
                .text("error", "What it said in place of a code"))
        case "GET /admin/audit":
            endpoint.paged().takes(
                .text("actor", "Only what this user did"), .text("action", "Only this"),
                .text("target", "Only what was done to this"),
                .text("outcome", "Only what ended so"))
        case "POST /auth/logout": endpoint.answers(204).fails(401, 403)
        case "POST /auth/logout-everywhere": endpoint.answers(204)
        case "PATCH /user/me": endpoint.example(#"{"name": "Ada"}"#)
        case "POST /user/me/password":
            endpoint.example(#"{"current": "correct horse battery", "new": "another horse"}"#)
        case "POST /user/me/delete":
            endpoint.fails(403, 409).example(#"{"password": "my present password"}"#)
        case "DELETE /auth/identities/{id}": endpoint.fails(409)
        case "POST /workspaces": endpoint.example(#"{"name": "Harbour Lane"}"#)
        case "PATCH /workspaces/{id}": endpoint.example(#"{"name": "Harbour Lane"}"#)
        case "PATCH /workspaces/{id}/members/{user}": endpoint.example(#"{"role": "viewer"}"#)
        case "POST /workspaces/{id}/invitations":
            endpoint.fails(409).example(#"{"email": "grace@example.org", "role": "viewer"}"#)
        case "POST /invitations/accept":
            endpoint.fails(403, 404, 409).example(#"{"token": "inv_none"}"#)
        case "PATCH /admin/users/{id}": endpoint.fails(409).example(#"{"role": "user"}"#)
        case "PUT /notifications":
            endpoint.example(
                """
                {"gate_waiting": {"in_app": true, "email": true},
                 "run_completed": {"in_app": true, "email": false},
                 "run_failed": {"in_app": true, "email": false},
                 "experiment_winner": {"in_app": true, "email": false},
                 "credits_low": {"in_app": true, "email": false}}
                """)
        case "POST /api-keys": endpoint.example(#"{"name": "my editor"}"#)
        default: endpoint
        }
    }
}
