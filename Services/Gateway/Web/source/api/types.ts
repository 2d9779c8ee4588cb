// Made by tools/page-types from /openapi.json. Not written by hand.

export interface Api {
  /** Lists who did what, newest first (?actor=, ?action=, ?target=, ?outcome=). */
  "GET /admin/audit": {
    body: undefined;
    reply: {
      items: Array<{
        action: string;
        actor: string;
        address: string;
        api_key?: string | null;
        at: string;
        detail?: string | null;
        id: string;
        outcome: string;
        request_id: string;
        target?: string | null;
      }>;
      next_cursor: string | null;
    };
  };
  /** Lists all budgets. */
  "GET /admin/budgets": {
    body: undefined;
    reply: {
      items: Array<{
        allows_unpriced: boolean;
        dollars: number;
        held_dollars: number;
        period: string;
        scope: string;
        since?: string | null;
        spent_dollars: number;
        subject: string;
      }>;
      next_cursor: string | null;
    };
  };
  /** Ends a budget. */
  "DELETE /admin/budgets/{scope}/{subject}": {
    body: undefined;
    reply: unknown;
  };
  /** Limits what somebody (`*`: each) may spend, whoever they are. */
  "PUT /admin/budgets/{scope}/{subject}": {
    body: {
      allows_unpriced?: boolean | null;
      dollars: number;
      period: string;
    };
    reply: {
      allows_unpriced: boolean;
      dollars: number;
      held_dollars: number;
      period: string;
      scope: string;
      since?: string | null;
      spent_dollars: number;
      subject: string;
    };
  };
  /** Lists everybody's runs, newest first. */
  "GET /admin/runs": {
    body: undefined;
    reply: {
      items: Array<{
        cost: number;
        created_at: string;
        current_step?: string | null;
        ended_at?: string | null;
        error?: string | null;
        forked_at?: string | null;
        forked_from?: string | null;
        id: string;
        last_seq: number;
        progress: number;
        project_id?: string | null;
        spend_limit?: number | null;
        started_at?: string | null;
        state: string;
        stop_reason?: string | null;
        studio: string;
        time_limit?: number | null;
        title: string;
        user_id: string;
        waiting_for?: string | null;
        workspace_id?: string | null;
      }>;
      next_cursor: string | null;
    };
  };
  /** Shows how every service fares. */
  "GET /admin/services": {
    body: undefined;
    reply: {
      items: Array<{
        calls?: number | null;
        faults?: number | null;
        in_hand?: number | null;
        open_descriptors?: number | null;
        processor_seconds?: number | null;
        refused?: number | null;
        resident_bytes?: number | null;
        service: string;
        stalls?: number | null;
        up: boolean;
        uptime_seconds?: number | null;
      }>;
      next_cursor: string | null;
    };
  };
  /** Lists accounts by age. */
  "GET /admin/users": {
    body: undefined;
    reply: {
      items: Array<{
        created_at: string;
        disabled: boolean;
        email: string;
        id: string;
        name: string;
        plan: string;
        role: string;
      }>;
      next_cursor: string | null;
    };
  };
  /** Shows an account. */
  "GET /admin/users/{id}": {
    body: undefined;
    reply: {
      created_at: string;
      disabled: boolean;
      email: string;
      id: string;
      name: string;
      plan: string;
      role: string;
    };
  };
  /** Changes an account's role, or disables it. */
  "PATCH /admin/users/{id}": {
    body: {
      disabled?: boolean | null;
      role?: string | null;
    };
    reply: {
      created_at: string;
      disabled: boolean;
      email: string;
      id: string;
      name: string;
      plan: string;
      role: string;
    };
  };
  /** Lists the models that can be used. */
  "GET /analytics/models": {
    body: undefined;
    reply: {
      items: Array<{
        context_tokens?: number | null;
        input_price?: number | null;
        is_default: boolean;
        is_offline: boolean;
        model: string;
        output_price?: number | null;
        output_tokens?: number | null;
        provider: string;
      }>;
      next_cursor: string | null;
    };
  };
  /** Shows in one look what was used lately. */
  "GET /analytics/summary": {
    body: undefined;
    reply: {
      dollars: number;
      failures: number;
      input_tokens: number;
      models: Array<{
        dollars: number;
        input_tokens: number;
        model: string;
        output_tokens: number;
        turns: number;
      }>;
      output_tokens: number;
      runs: Array<{
        count: number;
        state: string;
      }>;
      seconds_per_turn?: number | null;
      since: string;
      turns: number;
    };
  };
  /** Sums what was used, by model and day. */
  "GET /analytics/usage": {
    body: undefined;
    reply: {
      days: Array<{
        name: string;
        totals: {
          cost_micro_usd: number;
          duration_milliseconds: number;
          failures: number;
          input_tokens: number;
          output_tokens: number;
          turns: number;
        };
      }>;
      models: Array<{
        name: string;
        totals: {
          cost_micro_usd: number;
          duration_milliseconds: number;
          failures: number;
          input_tokens: number;
          output_tokens: number;
          turns: number;
        };
      }>;
      totals: {
        cost_micro_usd: number;
        duration_milliseconds: number;
        failures: number;
        input_tokens: number;
        output_tokens: number;
        turns: number;
      };
    };
  };
  /** Lists the user's API keys, newest first. */
  "GET /api-keys": {
    body: undefined;
    reply: {
      items: Array<{
        created_at: string;
        expires_at?: string | null;
        id: string;
        last_used_at?: string | null;
        name: string;
        scopes: Array<string>;
      }>;
      next_cursor: string | null;
    };
  };
  /** Makes an API key, shown this once. */
  "POST /api-keys": {
    body: {
      expires_at?: string | null;
      name: string;
      scopes?: Array<string> | null;
    };
    reply: {
      expires_at?: string | null;
      id: string;
      key: string;
      name: string;
      scopes: Array<string>;
    };
  };
  /** Ends an API key. */
  "DELETE /api-keys/{id}": {
    body: undefined;
    reply: unknown;
  };
  /** Forgets an artifact. */
  "DELETE /artifacts/{id}": {
    body: undefined;
    reply: unknown;
  };
  /** Shows an artifact. */
  "GET /artifacts/{id}": {
    body: undefined;
    reply: {
      author?: string | null;
      bytes: number;
      content_type: string;
      created_at: string;
      id: string;
      name: string;
      sha256: string;
      url: string;
      version: number;
    };
  };
  /** Downloads an artifact. */
  "GET /artifacts/{id}/content": {
    body: undefined;
    reply: unknown;
  };
  /** Tells what changed between two versions, by words (?from=, ?to=, ?format=text or unified). */
  "GET /artifacts/{id}/diff": {
    body: undefined;
    reply: {
      coarse: boolean;
      from: {
        author?: string | null;
        bytes: number;
        content_type: string;
        created_at: string;
        id: string;
        name: string;
        sha256: string;
        url: string;
        version: number;
      };
      pieces: Array<{
        kind: string;
        text: string;
      }>;
      to: {
        author?: string | null;
        bytes: number;
        content_type: string;
        created_at: string;
        id: string;
        name: string;
        sha256: string;
        url: string;
        version: number;
      };
      unified: string;
      words_added: number;
      words_removed: number;
    };
  };
  /** Downloads a document in another form (?format=docx, html or md). */
  "GET /artifacts/{id}/export": {
    body: undefined;
    reply: unknown;
  };
  /** Lists the links that count. */
  "GET /artifacts/{id}/links": {
    body: undefined;
    reply: {
      items: Array<{
        expires_at: string;
        id: string;
        url?: string | null;
      }>;
      next_cursor: string | null;
    };
  };
  /** Makes a link that anybody may open for a time. */
  "POST /artifacts/{id}/links": {
    body: {
      seconds?: number | null;
    };
    reply: {
      expires_at: string;
      id: string;
      url?: string | null;
    };
  };
  /** Lists the versions, newest first. */
  "GET /artifacts/{id}/versions": {
    body: undefined;
    reply: {
      items: Array<{
        author?: string | null;
        bytes: number;
        content_type: string;
        created_at: string;
        id: string;
        name: string;
        sha256: string;
        url: string;
        version: number;
      }>;
      next_cursor: string | null;
    };
  };
  /** Lists what others call the user, to sign in by. */
  "GET /auth/identities": {
    body: undefined;
    reply: {
      items: Array<{
        created_at: string;
        id: string;
        issuer: string;
        subject: string;
      }>;
      next_cursor: string | null;
    };
  };
  /** Takes back a sign-in elsewhere, unless it is the last way in. */
  "DELETE /auth/identities/{id}": {
    body: undefined;
    reply: unknown;
  };
  /** Answers with an access token for e-mail and password. */
  "POST /auth/login": {
    body: {
      email: string;
      password: string;
    };
    reply: {
      access_token: string;
      expires_in: number;
      refresh_expires_in: number;
      refresh_token: string;
      token_type: string;
    };
  };
  /** Ends the sign-in of the token, the cookie or the refresh token that is sent. */
  "POST /auth/logout": {
    body: undefined;
    reply: unknown;
  };
  /** Ends every token of the account. */
  "POST /auth/logout-everywhere": {
    body: undefined;
    reply: unknown;
  };
  /** Shows whose token this is. */
  "GET /auth/me": {
    body: undefined;
    reply: {
      created_at: string;
      email: string;
      id: string;
      name: string;
      role: string;
    };
  };
  /** Where the provider sends the browser back. */
  "GET /auth/oidc/callback": {
    body: undefined;
    reply: unknown;
  };
  /** Sends a browser to sign in (?provider=, ?return_to= a path, ?link=1 to link). */
  "GET /auth/oidc/start": {
    body: undefined;
    reply: unknown;
  };
  /** Lists where else people can sign in. */
  "GET /auth/providers": {
    body: undefined;
    reply: {
      items: Array<{
        id: string;
        name: string;
        url: string;
      }>;
      next_cursor: string | null;
    };
  };
  /** Answers with new tokens for a refresh token, or gives our page new cookies. */
  "POST /auth/refresh": {
    body: {
      refresh_token?: string | null;
    };
    reply: {
      access_token: string;
      expires_in: number;
      refresh_expires_in: number;
      refresh_token: string;
      token_type: string;
    };
  };
  /** Makes an account. */
  "POST /auth/register": {
    body: {
      email: string;
      full_name?: string | null;
      name?: string | null;
      password: string;
    };
    reply: {
      created_at: string;
      email: string;
      id: string;
      name: string;
      role: string;
    };
  };
  /** Signs a person in on our page, with a cookie. */
  "POST /auth/session": {
    body: {
      email: string;
      password: string;
    };
    reply: {
      created_at: string;
      email: string;
      id: string;
      name: string;
      role: string;
    };
  };
  /** Lists where the user is signed in. */
  "GET /auth/sessions": {
    body: undefined;
    reply: {
      items: Array<{
        address: string;
        client: string;
        created_at: string;
        expires_at: string;
        id: string;
        is_current: boolean;
        last_used_at: string;
        method: string;
      }>;
      next_cursor: string | null;
    };
  };
  /** Ends one sign-in. */
  "DELETE /auth/sessions/{id}": {
    body: undefined;
    reply: unknown;
  };
  /** Lists the account's entries, newest first. */
  "GET /billing/ledger": {
    body: undefined;
    reply: {
      items: Array<{
        amount: number;
        at: string;
        balance: number;
        id: string;
        key: string;
        kind: string;
        note?: string | null;
        run_id?: string | null;
      }>;
      next_cursor: string | null;
    };
  };
  /** Shows plan and credits. */
  "GET /billing/status": {
    body: undefined;
    reply: {
      credits: {
        available: number;
        granted: number;
        held: number;
        unlimited: boolean;
      };
      plan: string;
      renews_at?: string | null;
    };
  };
  /** Shows what was used lately, by day. */
  "GET /billing/usage": {
    body: undefined;
    reply: {
      days: Array<{
        day: string;
        dollars: number;
        input_tokens: number;
        output_tokens: number;
        turns: number;
      }>;
      dollars: number;
      input_tokens: number;
      output_tokens: number;
      since: string;
      turns: number;
    };
  };
  /** Lists one's own budgets and what is left of them. */
  "GET /budgets": {
    body: undefined;
    reply: {
      items: Array<{
        allows_unpriced: boolean;
        dollars: number;
        held_dollars: number;
        period: string;
        scope: string;
        since?: string | null;
        spent_dollars: number;
        subject: string;
      }>;
      next_cursor: string | null;
    };
  };
  /** Ends a budget of one's own. */
  "DELETE /budgets/{scope}/{subject}": {
    body: undefined;
    reply: unknown;
  };
  /** Limits what an API key, a project or a run of one's own, or `user/me`, may spend. */
  "PUT /budgets/{scope}/{subject}": {
    body: {
      allows_unpriced?: boolean | null;
      dollars: number;
      period: string;
    };
    reply: {
      allows_unpriced: boolean;
      dollars: number;
      held_dollars: number;
      period: string;
      scope: string;
      since?: string | null;
      spent_dollars: number;
      subject: string;
    };
  };
  /** Tells whether the models that agents ask can be asked. */
  "GET /environment": {
    body: undefined;
    reply: {
      models: Array<{
        is_offline: boolean;
        model: string;
        provider: string;
        state: string;
      }>;
      problems: Array<string>;
      state: string;
      targets: Array<{
        cooling_milliseconds?: number | null;
        duration_milliseconds?: {
          p50: number;
          p95: number;
          p99: number;
        } | null;
        errors: Array<{
          count: number;
          kind: string;
        }>;
        first_token_milliseconds?: {
          p50: number;
          p95: number;
          p99: number;
        } | null;
        in_flight: number;
        last_error_at?: string | null;
        model: string;
        provider: string;
        requests: number;
        state: string;
      }>;
    };
  };
  /** Says that the gateway lives. */
  "GET /health": {
    body: undefined;
    reply: {
      instance: string;
      status: string;
    };
  };
  /** Joins a workspace with an invitation's token. */
  "POST /invitations/accept": {
    body: {
      token: string;
    };
    reply: {
      created_at: string;
      id: string;
      name: string;
      role: string;
    };
  };
  /** Ends a link before its time. */
  "DELETE /links/{id}": {
    body: undefined;
    reply: unknown;
  };
  /** Lists what the user was told, newest first. */
  "GET /notices": {
    body: undefined;
    reply: {
      items: Array<{
        at: string;
        email: string;
        id: string;
        kind: string;
        read_at?: string | null;
        run_id?: string | null;
        text: string;
        title: string;
      }>;
      next_cursor: string | null;
    };
  };
  /** Marks notices as read, up to one or all; answers with how many are left. */
  "POST /notices/read": {
    body: {
      up_to?: string | null;
    };
    reply: {
      count: number;
    };
  };
  /** Counts what the user was told and has not read. */
  "GET /notices/unread": {
    body: undefined;
    reply: {
      count: number;
    };
  };
  /** Shows what the user wants to be told of, and how. */
  "GET /notifications": {
    body: undefined;
    reply: {
      credits_low: {
        email: boolean;
        in_app: boolean;
      };
      experiment_winner: {
        email: boolean;
        in_app: boolean;
      };
      gate_waiting: {
        email: boolean;
        in_app: boolean;
      };
      run_completed: {
        email: boolean;
        in_app: boolean;
      };
      run_failed: {
        email: boolean;
        in_app: boolean;
      };
    };
  };
  /** Says what the user wants to be told of, and how: see /notices. Nothing tells of an experiment_winner yet, for there are no experiments. */
  "PUT /notifications": {
    body: {
      credits_low: {
        email: boolean;
        in_app: boolean;
      };
      experiment_winner: {
        email: boolean;
        in_app: boolean;
      };
      gate_waiting: {
        email: boolean;
        in_app: boolean;
      };
      run_completed: {
        email: boolean;
        in_app: boolean;
      };
      run_failed: {
        email: boolean;
        in_app: boolean;
      };
    };
    reply: {
      credits_low: {
        email: boolean;
        in_app: boolean;
      };
      experiment_winner: {
        email: boolean;
        in_app: boolean;
      };
      gate_waiting: {
        email: boolean;
        in_app: boolean;
      };
      run_completed: {
        email: boolean;
        in_app: boolean;
      };
      run_failed: {
        email: boolean;
        in_app: boolean;
      };
    };
  };
  /** Lists the casts of agents: the built-in ones and the user's own. */
  "GET /presets": {
    body: undefined;
    reply: {
      items: Array<{
        agents: Array<{
          instructions?: string | null;
          model?: string | null;
          name: string;
          provider?: string | null;
          role: string;
          temperature?: number | null;
        }>;
        built_in: boolean;
        criteria: Array<{
          name: string;
          weight: number;
        }>;
        id: string;
        name: string;
        summary: string;
      }>;
      next_cursor: string | null;
    };
  };
  /** Saves a cast of agents, as a template of rounds. */
  "POST /presets": {
    body: {
      agents: Array<{
        instructions?: string | null;
        model?: string | null;
        name: string;
        provider?: string | null;
        role: string;
        temperature?: number | null;
      }>;
      criteria?: Array<{
        name: string;
        weight: number;
      }> | null;
      max_rounds?: number | null;
      name: string;
      parallel_critique?: boolean | null;
      plateau?: {
        rounds: number;
        within?: number | null;
      } | null;
      score_threshold?: number | null;
      summary?: string | null;
    };
    reply: {
      agents: Array<{
        instructions?: string | null;
        model?: string | null;
        name: string;
        provider?: string | null;
        role: string;
        temperature?: number | null;
      }>;
      built_in: boolean;
      criteria: Array<{
        name: string;
        weight: number;
      }>;
      id: string;
      name: string;
      summary: string;
    };
  };
  /** Lists one's own keys of providers by their ends. */
  "GET /provider-keys": {
    body: undefined;
    reply: {
      items: Array<{
        created_at: string;
        hint: string;
        provider: string;
      }>;
      next_cursor: string | null;
    };
  };
  /** Keeps a key of one's own, in place of an older one. */
  "POST /provider-keys": {
    body: {
      key: string;
      provider: string;
    };
    reply: {
      created_at: string;
      hint: string;
      provider: string;
    };
  };
  /** Forgets a key of one's own. */
  "DELETE /provider-keys/{provider}": {
    body: undefined;
    reply: unknown;
  };
  /** Tells whether there is a key of one's own. */
  "GET /provider-keys/{provider}": {
    body: undefined;
    reply: {
      created_at: string;
      hint: string;
      provider: string;
    };
  };
  /** Keeps a key of one's own, in place of an older one. */
  "PUT /provider-keys/{provider}": {
    body: {
      key: string;
    };
    reply: {
      created_at: string;
      hint: string;
      provider: string;
    };
  };
  /** Keeps a reference: text/plain or text/markdown with ?name=, or JSON. */
  "POST /references": {
    body: {
      content: string;
      name: string;
    };
    reply: {
      author?: string | null;
      bytes: number;
      content_type: string;
      created_at: string;
      id: string;
      name: string;
      sha256: string;
      url: string;
      version: number;
    };
  };
  /** Lists the user's runs and their workspaces', newest first. */
  "GET /runs": {
    body: undefined;
    reply: {
      items: Array<{
        cost: number;
        created_at: string;
        current_step?: string | null;
        ended_at?: string | null;
        error?: string | null;
        forked_at?: string | null;
        forked_from?: string | null;
        id: string;
        last_seq: number;
        progress: number;
        project_id?: string | null;
        spend_limit?: number | null;
        started_at?: string | null;
        state: string;
        stop_reason?: string | null;
        studio: string;
        time_limit?: number | null;
        title: string;
        waiting_for?: string | null;
        workspace_id?: string | null;
      }>;
      next_cursor: string | null;
    };
  };
  /** Estimates what a session would cost, and makes nothing. */
  "POST /runs/estimate": {
    body: {
      agents?: Array<{
        instructions?: string | null;
        model?: string | null;
        name: string;
        provider?: string | null;
        role: string;
        temperature?: number | null;
      }> | null;
      criteria?: Array<{
        name: string;
        weight: number;
      }> | null;
      draft?: string | null;
      locks?: Array<string> | null;
      max_rounds?: number | null;
      parallel_critique?: boolean | null;
      plateau?: {
        rounds: number;
        within?: number | null;
      } | null;
      preset?: string | null;
      project_id?: string | null;
      references?: Array<{
        content?: string | null;
        id?: string | null;
        name?: string | null;
      }> | null;
      score_threshold?: number | null;
      spend_limit?: number | null;
      template_id?: string | null;
      template_version?: number | null;
      time_limit?: number | null;
      title?: string | null;
      workspace_id?: string | null;
    };
    reply: {
      credits: {
        from: number;
        to: number;
      };
      dollars: {
        from: number;
        to: number;
      };
      held: number;
      input_tokens: {
        from: number;
        to: number;
      };
      is_estimate: boolean;
      is_offline: boolean;
      is_priced: boolean;
      output_tokens: {
        from: number;
        to: number;
      };
      turns: {
        from: number;
        to: number;
      };
    };
  };
  /** Shows where a run stands. */
  "GET /runs/{id}": {
    body: undefined;
    reply: {
      cost: number;
      created_at: string;
      current_step?: string | null;
      ended_at?: string | null;
      error?: string | null;
      forked_at?: string | null;
      forked_from?: string | null;
      id: string;
      last_seq: number;
      progress: number;
      project_id?: string | null;
      spend_limit?: number | null;
      started_at?: string | null;
      state: string;
      stop_reason?: string | null;
      studio: string;
      time_limit?: number | null;
      title: string;
      waiting_for?: string | null;
      workspace_id?: string | null;
    };
  };
  /** Lists what a run has made. */
  "GET /runs/{id}/artifacts": {
    body: undefined;
    reply: {
      items: Array<{
        author?: string | null;
        bytes: number;
        content_type: string;
        created_at: string;
        id: string;
        name: string;
        sha256: string;
        url: string;
        version: number;
      }>;
      next_cursor: string | null;
    };
  };
  /** Ends a run. */
  "POST /runs/{id}/cancel": {
    body: undefined;
    reply: {
      cost: number;
      created_at: string;
      current_step?: string | null;
      ended_at?: string | null;
      error?: string | null;
      forked_at?: string | null;
      forked_from?: string | null;
      id: string;
      last_seq: number;
      progress: number;
      project_id?: string | null;
      spend_limit?: number | null;
      started_at?: string | null;
      state: string;
      stop_reason?: string | null;
      studio: string;
      time_limit?: number | null;
      title: string;
      waiting_for?: string | null;
      workspace_id?: string | null;
    };
  };
  /** Lists the comments on a run, oldest first. */
  "GET /runs/{id}/comments": {
    body: undefined;
    reply: {
      items: Array<{
        about?: string | null;
        author_id: string;
        created_at: string;
        id: string;
        run_id: string;
        text: string;
      }>;
      next_cursor: string | null;
    };
  };
  /** Comments on a run. */
  "POST /runs/{id}/comments": {
    body: {
      about?: string | null;
      text: string;
    };
    reply: {
      about?: string | null;
      author_id: string;
      created_at: string;
      id: string;
      run_id: string;
      text: string;
    };
  };
  /** Shows what a run has cost, by model. */
  "GET /runs/{id}/cost": {
    body: undefined;
    reply: {
      credits: number;
      dollars: number;
      input_tokens: number;
      models: Array<{
        dollars: number;
        input_tokens: number;
        model: string;
        output_tokens: number;
        turns: number;
      }>;
      output_tokens: number;
      run_id: string;
      spend_limit?: number | null;
      turns: number;
    };
  };
  /** Downloads what a run has made as one zip file. */
  "GET /runs/{id}/download": {
    body: undefined;
    reply: unknown;
  };
  /** Lists a run's events (?after=, ?limit=). */
  "GET /runs/{id}/events": {
    body: undefined;
    reply: {
      items: Array<{
        at: string;
        data: unknown;
        seq: number;
        step?: string | null;
        type: string;
      }>;
      next_cursor: string | null;
    };
  };
  /** Makes a run that shares another's beginning. */
  "POST /runs/{id}/fork": {
    body: {
      from_step: string;
      input?: unknown | null;
      title?: string | null;
    };
    reply: {
      cost: number;
      created_at: string;
      current_step?: string | null;
      ended_at?: string | null;
      error?: string | null;
      forked_at?: string | null;
      forked_from?: string | null;
      id: string;
      last_seq: number;
      progress: number;
      project_id?: string | null;
      spend_limit?: number | null;
      started_at?: string | null;
      state: string;
      stop_reason?: string | null;
      studio: string;
      time_limit?: number | null;
      title: string;
      waiting_for?: string | null;
      workspace_id?: string | null;
    };
  };
  /** Lists the places where a run waits, or waited. */
  "GET /runs/{id}/gates": {
    body: undefined;
    reply: {
      items: Array<{
        at: string;
        choice?: number | null;
        deadline?: string | null;
        decision?: string | null;
        feedback?: string | null;
        id: string;
        kind: string;
        name: string;
        options: Array<string>;
        path: string;
        prompt: string;
        run_id?: string | null;
        state: string;
      }>;
      next_cursor: string | null;
    };
  };
  /** Decides a gate, once. */
  "POST /runs/{id}/gates/{gate}": {
    body: {
      answers?: Array<{
        answer: string;
        question_id: string;
      }> | null;
      choice?: number | null;
      decision: string;
      feedback?: string | null;
    };
    reply: {
      at: string;
      choice?: number | null;
      deadline?: string | null;
      decision?: string | null;
      feedback?: string | null;
      id: string;
      kind: string;
      name: string;
      options: Array<string>;
      path: string;
      prompt: string;
      run_id?: string | null;
      state: string;
    };
  };
  /** Says what a run may cost, and how long it may take. */
  "PUT /runs/{id}/limits": {
    body: {
      spend_limit?: number | null;
      time_limit?: number | null;
    };
    reply: {
      cost: number;
      created_at: string;
      current_step?: string | null;
      ended_at?: string | null;
      error?: string | null;
      forked_at?: string | null;
      forked_from?: string | null;
      id: string;
      last_seq: number;
      progress: number;
      project_id?: string | null;
      spend_limit?: number | null;
      started_at?: string | null;
      state: string;
      stop_reason?: string | null;
      studio: string;
      time_limit?: number | null;
      title: string;
      waiting_for?: string | null;
      workspace_id?: string | null;
    };
  };
  /** Pauses a run at its next step. */
  "POST /runs/{id}/pause": {
    body: undefined;
    reply: {
      cost: number;
      created_at: string;
      current_step?: string | null;
      ended_at?: string | null;
      error?: string | null;
      forked_at?: string | null;
      forked_from?: string | null;
      id: string;
      last_seq: number;
      progress: number;
      project_id?: string | null;
      spend_limit?: number | null;
      started_at?: string | null;
      state: string;
      stop_reason?: string | null;
      studio: string;
      time_limit?: number | null;
      title: string;
      waiting_for?: string | null;
      workspace_id?: string | null;
    };
  };
  /** Lets a paused run go on. */
  "POST /runs/{id}/resume": {
    body: undefined;
    reply: {
      cost: number;
      created_at: string;
      current_step?: string | null;
      ended_at?: string | null;
      error?: string | null;
      forked_at?: string | null;
      forked_from?: string | null;
      id: string;
      last_seq: number;
      progress: number;
      project_id?: string | null;
      spend_limit?: number | null;
      started_at?: string | null;
      state: string;
      stop_reason?: string | null;
      studio: string;
      time_limit?: number | null;
      title: string;
      waiting_for?: string | null;
      workspace_id?: string | null;
    };
  };
  /** Begins a failed run again at the step that failed. */
  "POST /runs/{id}/retry": {
    body: undefined;
    reply: {
      cost: number;
      created_at: string;
      current_step?: string | null;
      ended_at?: string | null;
      error?: string | null;
      forked_at?: string | null;
      forked_from?: string | null;
      id: string;
      last_seq: number;
      progress: number;
      project_id?: string | null;
      spend_limit?: number | null;
      started_at?: string | null;
      state: string;
      stop_reason?: string | null;
      studio: string;
      time_limit?: number | null;
      title: string;
      waiting_for?: string | null;
      workspace_id?: string | null;
    };
  };
  /** Lists what a run has done, step by step. */
  "GET /runs/{id}/steps": {
    body: undefined;
    reply: {
      items: Array<{
        at: string;
        error?: string | null;
        kind: string;
        path: string;
        state: string;
        takes_input: boolean;
      }>;
      next_cursor: string | null;
    };
  };
  /** Streams a run (server-sent events, Last-Event-ID). */
  "GET /runs/{id}/stream": {
    body: undefined;
    reply: unknown;
  };
  /** Lists the user's schedules, newest first. */
  "GET /schedules": {
    body: undefined;
    reply: {
      items: Array<{
        created_at: string;
        cron: string;
        id: string;
        last_at?: string | null;
        last_error?: string | null;
        last_run_id?: string | null;
        next_at?: string | null;
        overlap: string;
        paused: boolean;
        runs: number;
        studio: string;
        template_id?: string | null;
        title: string;
        upcoming?: Array<string> | null;
        zone: string;
      }>;
      next_cursor: string | null;
    };
  };
  /** Starts runs by the clock. */
  "POST /schedules": {
    body: {
      cron: string;
      overlap?: string | null;
      session?: {
        agents?: Array<{
          instructions?: string | null;
          model?: string | null;
          name: string;
          provider?: string | null;
          role: string;
          temperature?: number | null;
        }> | null;
        criteria?: Array<{
          name: string;
          weight: number;
        }> | null;
        draft?: string | null;
        locks?: Array<string> | null;
        max_rounds?: number | null;
        parallel_critique?: boolean | null;
        plateau?: {
          rounds: number;
          within?: number | null;
        } | null;
        preset?: string | null;
        project_id?: string | null;
        references?: Array<{
          content?: string | null;
          id?: string | null;
          name?: string | null;
        }> | null;
        score_threshold?: number | null;
        spend_limit?: number | null;
        template_id?: string | null;
        template_version?: number | null;
        time_limit?: number | null;
        title?: string | null;
        workspace_id?: string | null;
      } | null;
      title?: string | null;
      zone?: string | null;
    };
    reply: {
      created_at: string;
      cron: string;
      id: string;
      last_at?: string | null;
      last_error?: string | null;
      last_run_id?: string | null;
      next_at?: string | null;
      overlap: string;
      paused: boolean;
      runs: number;
      studio: string;
      template_id?: string | null;
      title: string;
      upcoming?: Array<string> | null;
      zone: string;
    };
  };
  /** Ends a schedule; its runs go on. */
  "DELETE /schedules/{id}": {
    body: undefined;
    reply: unknown;
  };
  /** Shows a schedule with its next moments. */
  "GET /schedules/{id}": {
    body: undefined;
    reply: {
      created_at: string;
      cron: string;
      id: string;
      last_at?: string | null;
      last_error?: string | null;
      last_run_id?: string | null;
      next_at?: string | null;
      overlap: string;
      paused: boolean;
      runs: number;
      studio: string;
      template_id?: string | null;
      title: string;
      upcoming?: Array<string> | null;
      zone: string;
    };
  };
  /** Pauses, resumes or moves a schedule. */
  "PATCH /schedules/{id}": {
    body: {
      cron?: string | null;
      overlap?: string | null;
      paused?: boolean | null;
      title?: string | null;
      zone?: string | null;
    };
    reply: {
      created_at: string;
      cron: string;
      id: string;
      last_at?: string | null;
      last_error?: string | null;
      last_run_id?: string | null;
      next_at?: string | null;
      overlap: string;
      paused: boolean;
      runs: number;
      studio: string;
      template_id?: string | null;
      title: string;
      upcoming?: Array<string> | null;
      zone: string;
    };
  };
  /** Lists the user's Write sessions, newest first. */
  "GET /sessions": {
    body: undefined;
    reply: {
      items: Array<{
        cost: number;
        created_at: string;
        current_step?: string | null;
        ended_at?: string | null;
        error?: string | null;
        forked_at?: string | null;
        forked_from?: string | null;
        id: string;
        last_seq: number;
        progress: number;
        project_id?: string | null;
        spend_limit?: number | null;
        started_at?: string | null;
        state: string;
        stop_reason?: string | null;
        studio: string;
        time_limit?: number | null;
        title: string;
        waiting_for?: string | null;
        workspace_id?: string | null;
      }>;
      next_cursor: string | null;
    };
  };
  /** Makes a Write session. */
  "POST /sessions": {
    body: {
      agents?: Array<{
        instructions?: string | null;
        model?: string | null;
        name: string;
        provider?: string | null;
        role: string;
        temperature?: number | null;
      }> | null;
      criteria?: Array<{
        name: string;
        weight: number;
      }> | null;
      draft?: string | null;
      locks?: Array<string> | null;
      max_rounds?: number | null;
      parallel_critique?: boolean | null;
      plateau?: {
        rounds: number;
        within?: number | null;
      } | null;
      preset?: string | null;
      project_id?: string | null;
      references?: Array<{
        content?: string | null;
        id?: string | null;
        name?: string | null;
      }> | null;
      score_threshold?: number | null;
      spend_limit?: number | null;
      template_id?: string | null;
      template_version?: number | null;
      time_limit?: number | null;
      title?: string | null;
      workspace_id?: string | null;
    };
    reply: {
      agents: Array<{
        instructions?: string | null;
        model?: string | null;
        name: string;
        provider?: string | null;
        role: string;
        temperature?: number | null;
      }>;
      best_round?: number | null;
      continued_from_id?: string | null;
      cost: number;
      created_at: string;
      criteria: Array<{
        name: string;
        weight: number;
      }>;
      current_step?: string | null;
      document: string;
      ended_at?: string | null;
      error?: string | null;
      forked_at?: string | null;
      forked_from?: string | null;
      id: string;
      last_seq: number;
      locks: Array<{
        count: number;
        text: string;
      }>;
      max_rounds: number;
      open_suggestions: number;
      pending_edits: number;
      plateau?: {
        rounds: number;
        within?: number | null;
      } | null;
      progress: number;
      project_id?: string | null;
      references: Array<{
        bytes: number;
        name: string;
        tokens: number;
      }>;
      revision: string;
      rounds: Array<{
        criteria: Array<{
          name: string;
          score: number;
        }>;
        notes?: Array<{
          by: Array<string>;
          conflicts: Array<number>;
          number: number;
          text: string;
        }> | null;
        number: number;
        score?: number | null;
        turns: Array<{
          agent: string;
          cost: number;
          estimated: boolean;
          input_tokens: number;
          left_out?: Array<{
            kept_tokens: number;
            name: string;
            total_tokens: number;
          }> | null;
          model: string;
          offline: boolean;
          output_tokens: number;
          provider: string;
          role: string;
          score?: number | null;
          text: string;
        }>;
      }>;
      rounds_completed: number;
      score?: number | null;
      score_threshold?: number | null;
      spend_limit?: number | null;
      started_at?: string | null;
      state: string;
      stop_reason?: string | null;
      stop_text?: string | null;
      studio: string;
      template_id?: string | null;
      template_name?: string | null;
      template_version?: number | null;
      time_limit?: number | null;
      title: string;
      waiting_for?: string | null;
      workspace_id?: string | null;
    };
  };
  /** Shows a session with its document and rounds. */
  "GET /sessions/{id}": {
    body: undefined;
    reply: {
      agents: Array<{
        instructions?: string | null;
        model?: string | null;
        name: string;
        provider?: string | null;
        role: string;
        temperature?: number | null;
      }>;
      best_round?: number | null;
      continued_from_id?: string | null;
      cost: number;
      created_at: string;
      criteria: Array<{
        name: string;
        weight: number;
      }>;
      current_step?: string | null;
      document: string;
      ended_at?: string | null;
      error?: string | null;
      forked_at?: string | null;
      forked_from?: string | null;
      id: string;
      last_seq: number;
      locks: Array<{
        count: number;
        text: string;
      }>;
      max_rounds: number;
      open_suggestions: number;
      pending_edits: number;
      plateau?: {
        rounds: number;
        within?: number | null;
      } | null;
      progress: number;
      project_id?: string | null;
      references: Array<{
        bytes: number;
        name: string;
        tokens: number;
      }>;
      revision: string;
      rounds: Array<{
        criteria: Array<{
          name: string;
          score: number;
        }>;
        notes?: Array<{
          by: Array<string>;
          conflicts: Array<number>;
          number: number;
          text: string;
        }> | null;
        number: number;
        score?: number | null;
        turns: Array<{
          agent: string;
          cost: number;
          estimated: boolean;
          input_tokens: number;
          left_out?: Array<{
            kept_tokens: number;
            name: string;
            total_tokens: number;
          }> | null;
          model: string;
          offline: boolean;
          output_tokens: number;
          provider: string;
          role: string;
          score?: number | null;
          text: string;
        }>;
      }>;
      rounds_completed: number;
      score?: number | null;
      score_threshold?: number | null;
      spend_limit?: number | null;
      started_at?: string | null;
      state: string;
      stop_reason?: string | null;
      stop_text?: string | null;
      studio: string;
      template_id?: string | null;
      template_name?: string | null;
      template_version?: number | null;
      time_limit?: number | null;
      title: string;
      waiting_for?: string | null;
      workspace_id?: string | null;
    };
  };
  /** Goes on from an ended session in a new one, with the same agents and references. */
  "POST /sessions/{id}/continue": {
    body: {
      max_rounds?: number | null;
      score_threshold?: number | null;
      start?: boolean | null;
    };
    reply: {
      agents: Array<{
        instructions?: string | null;
        model?: string | null;
        name: string;
        provider?: string | null;
        role: string;
        temperature?: number | null;
      }>;
      best_round?: number | null;
      continued_from_id?: string | null;
      cost: number;
      created_at: string;
      criteria: Array<{
        name: string;
        weight: number;
      }>;
      current_step?: string | null;
      document: string;
      ended_at?: string | null;
      error?: string | null;
      forked_at?: string | null;
      forked_from?: string | null;
      id: string;
      last_seq: number;
      locks: Array<{
        count: number;
        text: string;
      }>;
      max_rounds: number;
      open_suggestions: number;
      pending_edits: number;
      plateau?: {
        rounds: number;
        within?: number | null;
      } | null;
      progress: number;
      project_id?: string | null;
      references: Array<{
        bytes: number;
        name: string;
        tokens: number;
      }>;
      revision: string;
      rounds: Array<{
        criteria: Array<{
          name: string;
          score: number;
        }>;
        notes?: Array<{
          by: Array<string>;
          conflicts: Array<number>;
          number: number;
          text: string;
        }> | null;
        number: number;
        score?: number | null;
        turns: Array<{
          agent: string;
          cost: number;
          estimated: boolean;
          input_tokens: number;
          left_out?: Array<{
            kept_tokens: number;
            name: string;
            total_tokens: number;
          }> | null;
          model: string;
          offline: boolean;
          output_tokens: number;
          provider: string;
          role: string;
          score?: number | null;
          text: string;
        }>;
      }>;
      rounds_completed: number;
      score?: number | null;
      score_threshold?: number | null;
      spend_limit?: number | null;
      started_at?: string | null;
      state: string;
      stop_reason?: string | null;
      stop_text?: string | null;
      studio: string;
      template_id?: string | null;
      template_name?: string | null;
      template_version?: number | null;
      time_limit?: number | null;
      title: string;
      waiting_for?: string | null;
      workspace_id?: string | null;
    };
  };
  /** Tells what changed between two rounds (?from=, ?to=, ?format=text or words). */
  "GET /sessions/{id}/diff": {
    body: undefined;
    reply: {
      coarse: boolean;
      from: string;
      pieces: Array<{
        kind: string;
        text: string;
      }>;
      to: string;
      unified: string;
      words: Array<{
        kind: string;
        text: string;
      }>;
      words_added: number;
      words_removed: number;
    };
  };
  /** Takes a person's edit of the document. */
  "PUT /sessions/{id}/document": {
    body: {
      base?: string | null;
      document: string;
    };
    reply: {
      agents: Array<{
        instructions?: string | null;
        model?: string | null;
        name: string;
        provider?: string | null;
        role: string;
        temperature?: number | null;
      }>;
      best_round?: number | null;
      continued_from_id?: string | null;
      cost: number;
      created_at: string;
      criteria: Array<{
        name: string;
        weight: number;
      }>;
      current_step?: string | null;
      document: string;
      ended_at?: string | null;
      error?: string | null;
      forked_at?: string | null;
      forked_from?: string | null;
      id: string;
      last_seq: number;
      locks: Array<{
        count: number;
        text: string;
      }>;
      max_rounds: number;
      open_suggestions: number;
      pending_edits: number;
      plateau?: {
        rounds: number;
        within?: number | null;
      } | null;
      progress: number;
      project_id?: string | null;
      references: Array<{
        bytes: number;
        name: string;
        tokens: number;
      }>;
      revision: string;
      rounds: Array<{
        criteria: Array<{
          name: string;
          score: number;
        }>;
        notes?: Array<{
          by: Array<string>;
          conflicts: Array<number>;
          number: number;
          text: string;
        }> | null;
        number: number;
        score?: number | null;
        turns: Array<{
          agent: string;
          cost: number;
          estimated: boolean;
          input_tokens: number;
          left_out?: Array<{
            kept_tokens: number;
            name: string;
            total_tokens: number;
          }> | null;
          model: string;
          offline: boolean;
          output_tokens: number;
          provider: string;
          role: string;
          score?: number | null;
          text: string;
        }>;
      }>;
      rounds_completed: number;
      score?: number | null;
      score_threshold?: number | null;
      spend_limit?: number | null;
      started_at?: string | null;
      state: string;
      stop_reason?: string | null;
      stop_text?: string | null;
      studio: string;
      template_id?: string | null;
      template_name?: string | null;
      template_version?: number | null;
      time_limit?: number | null;
      title: string;
      waiting_for?: string | null;
      workspace_id?: string | null;
    };
  };
  /** Sends the document as an e-mail, with a Word file; the outcome is under /emails. */
  "POST /sessions/{id}/email": {
    body: {
      preview?: string | null;
      subject?: string | null;
      to: string;
    };
    reply: {
      attempts: number;
      created_at: string;
      ended_at?: string | null;
      error?: string | null;
      id: string;
      next_at?: string | null;
      state: string;
      subject: string;
      to: Array<string>;
    };
  };
  /** Lists the e-mails of a session, newest first. */
  "GET /sessions/{id}/emails": {
    body: undefined;
    reply: {
      items: Array<{
        attempts: number;
        created_at: string;
        ended_at?: string | null;
        error?: string | null;
        id: string;
        next_at?: string | null;
        state: string;
        subject: string;
        to: Array<string>;
      }>;
      next_cursor: string | null;
    };
  };
  /** Downloads the document (?format=md, html or docx). */
  "GET /sessions/{id}/export": {
    body: undefined;
    reply: unknown;
  };
  /** Says which passages agents must leave as they are. */
  "PUT /sessions/{id}/locks": {
    body: {
      locks: Array<string>;
    };
    reply: {
      agents: Array<{
        instructions?: string | null;
        model?: string | null;
        name: string;
        provider?: string | null;
        role: string;
        temperature?: number | null;
      }>;
      best_round?: number | null;
      continued_from_id?: string | null;
      cost: number;
      created_at: string;
      criteria: Array<{
        name: string;
        weight: number;
      }>;
      current_step?: string | null;
      document: string;
      ended_at?: string | null;
      error?: string | null;
      forked_at?: string | null;
      forked_from?: string | null;
      id: string;
      last_seq: number;
      locks: Array<{
        count: number;
        text: string;
      }>;
      max_rounds: number;
      open_suggestions: number;
      pending_edits: number;
      plateau?: {
        rounds: number;
        within?: number | null;
      } | null;
      progress: number;
      project_id?: string | null;
      references: Array<{
        bytes: number;
        name: string;
        tokens: number;
      }>;
      revision: string;
      rounds: Array<{
        criteria: Array<{
          name: string;
          score: number;
        }>;
        notes?: Array<{
          by: Array<string>;
          conflicts: Array<number>;
          number: number;
          text: string;
        }> | null;
        number: number;
        score?: number | null;
        turns: Array<{
          agent: string;
          cost: number;
          estimated: boolean;
          input_tokens: number;
          left_out?: Array<{
            kept_tokens: number;
            name: string;
            total_tokens: number;
          }> | null;
          model: string;
          offline: boolean;
          output_tokens: number;
          provider: string;
          role: string;
          score?: number | null;
          text: string;
        }>;
      }>;
      rounds_completed: number;
      score?: number | null;
      score_threshold?: number | null;
      spend_limit?: number | null;
      started_at?: string | null;
      state: string;
      stop_reason?: string | null;
      stop_text?: string | null;
      studio: string;
      template_id?: string | null;
      template_name?: string | null;
      template_version?: number | null;
      time_limit?: number | null;
      title: string;
      waiting_for?: string | null;
      workspace_id?: string | null;
    };
  };
  /** Pauses a session at its next step. */
  "POST /sessions/{id}/pause": {
    body: undefined;
    reply: {
      cost: number;
      created_at: string;
      current_step?: string | null;
      ended_at?: string | null;
      error?: string | null;
      forked_at?: string | null;
      forked_from?: string | null;
      id: string;
      last_seq: number;
      progress: number;
      project_id?: string | null;
      spend_limit?: number | null;
      started_at?: string | null;
      state: string;
      stop_reason?: string | null;
      studio: string;
      time_limit?: number | null;
      title: string;
      waiting_for?: string | null;
      workspace_id?: string | null;
    };
  };
  /** Lets a paused session go on. */
  "POST /sessions/{id}/resume": {
    body: undefined;
    reply: {
      cost: number;
      created_at: string;
      current_step?: string | null;
      ended_at?: string | null;
      error?: string | null;
      forked_at?: string | null;
      forked_from?: string | null;
      id: string;
      last_seq: number;
      progress: number;
      project_id?: string | null;
      spend_limit?: number | null;
      started_at?: string | null;
      state: string;
      stop_reason?: string | null;
      studio: string;
      time_limit?: number | null;
      title: string;
      waiting_for?: string | null;
      workspace_id?: string | null;
    };
  };
  /** Starts a session. */
  "POST /sessions/{id}/start": {
    body: undefined;
    reply: {
      agents: Array<{
        instructions?: string | null;
        model?: string | null;
        name: string;
        provider?: string | null;
        role: string;
        temperature?: number | null;
      }>;
      best_round?: number | null;
      continued_from_id?: string | null;
      cost: number;
      created_at: string;
      criteria: Array<{
        name: string;
        weight: number;
      }>;
      current_step?: string | null;
      document: string;
      ended_at?: string | null;
      error?: string | null;
      forked_at?: string | null;
      forked_from?: string | null;
      id: string;
      last_seq: number;
      locks: Array<{
        count: number;
        text: string;
      }>;
      max_rounds: number;
      open_suggestions: number;
      pending_edits: number;
      plateau?: {
        rounds: number;
        within?: number | null;
      } | null;
      progress: number;
      project_id?: string | null;
      references: Array<{
        bytes: number;
        name: string;
        tokens: number;
      }>;
      revision: string;
      rounds: Array<{
        criteria: Array<{
          name: string;
          score: number;
        }>;
        notes?: Array<{
          by: Array<string>;
          conflicts: Array<number>;
          number: number;
          text: string;
        }> | null;
        number: number;
        score?: number | null;
        turns: Array<{
          agent: string;
          cost: number;
          estimated: boolean;
          input_tokens: number;
          left_out?: Array<{
            kept_tokens: number;
            name: string;
            total_tokens: number;
          }> | null;
          model: string;
          offline: boolean;
          output_tokens: number;
          provider: string;
          role: string;
          score?: number | null;
          text: string;
        }>;
      }>;
      rounds_completed: number;
      score?: number | null;
      score_threshold?: number | null;
      spend_limit?: number | null;
      started_at?: string | null;
      state: string;
      stop_reason?: string | null;
      stop_text?: string | null;
      studio: string;
      template_id?: string | null;
      template_name?: string | null;
      template_version?: number | null;
      time_limit?: number | null;
      title: string;
      waiting_for?: string | null;
      workspace_id?: string | null;
    };
  };
  /** Streams a session, as /runs/{id}/stream does. */
  "GET /sessions/{id}/stream": {
    body: undefined;
    reply: unknown;
  };
  /** Lists the changes that agents made or would have made (?state=). */
  "GET /sessions/{id}/suggestions": {
    body: undefined;
    reply: {
      items: Array<{
        after: string;
        applied: boolean;
        author: string;
        before: string;
        effect?: string | null;
        number: number;
        obstacle?: string | null;
        pending: boolean;
        reason?: string | null;
        reason_by?: string | null;
        round: number;
        state: string;
      }>;
      next_cursor: string | null;
    };
  };
  /** Accepts a suggestion, or rejects and so undoes it. */
  "POST /sessions/{id}/suggestions/{n}": {
    body: {
      decision: string;
    };
    reply: {
      after: string;
      applied: boolean;
      author: string;
      before: string;
      effect?: string | null;
      number: number;
      obstacle?: string | null;
      pending: boolean;
      reason?: string | null;
      reason_by?: string | null;
      round: number;
      state: string;
    };
  };
  /** Lists the built-in templates and the user's own. */
  "GET /templates": {
    body: undefined;
    reply: {
      items: Array<{
        agents: Array<{
          instructions?: string | null;
          model?: string | null;
          name: string;
          provider?: string | null;
          role: string;
          temperature?: number | null;
        }>;
        built_in: boolean;
        created_at?: string | null;
        criteria: Array<{
          name: string;
          weight: number;
        }>;
        gates: number;
        id: string;
        max_rounds: number;
        name: string;
        studio: string;
        summary: string;
        updated_at?: string | null;
        version?: number | null;
      }>;
      next_cursor: string | null;
    };
  };
  /** Keeps a template; the body is the template itself. */
  "POST /templates": {
    body: unknown;
    reply: {
      agents: Array<{
        instructions?: string | null;
        model?: string | null;
        name: string;
        provider?: string | null;
        role: string;
        temperature?: number | null;
      }>;
      built_in: boolean;
      created_at?: string | null;
      criteria: Array<{
        name: string;
        weight: number;
      }>;
      gates: number;
      id: string;
      max_rounds: number;
      name: string;
      studio: string;
      summary: string;
      updated_at?: string | null;
      version?: number | null;
    };
  };
  /** Says what is wrong with a template, and keeps nothing. */
  "POST /templates/check": {
    body: undefined;
    reply: {
      errors: Array<{
        detail: string;
        pointer: string;
      }>;
      valid: boolean;
    };
  };
  /** Deletes a template; its runs go on. */
  "DELETE /templates/{id}": {
    body: undefined;
    reply: unknown;
  };
  /** Shows a template with its document (?version=). */
  "GET /templates/{id}": {
    body: undefined;
    reply: {
      agents: Array<{
        instructions?: string | null;
        model?: string | null;
        name: string;
        provider?: string | null;
        role: string;
        temperature?: number | null;
      }>;
      built_in: boolean;
      created_at?: string | null;
      criteria: Array<{
        name: string;
        weight: number;
      }>;
      gates: number;
      id: string;
      max_rounds: number;
      name: string;
      studio: string;
      summary: string;
      updated_at?: string | null;
      version?: number | null;
    };
  };
  /** Keeps the next version of a template (?version= is the one that was changed). */
  "PUT /templates/{id}": {
    body: unknown;
    reply: {
      agents: Array<{
        instructions?: string | null;
        model?: string | null;
        name: string;
        provider?: string | null;
        role: string;
        temperature?: number | null;
      }>;
      built_in: boolean;
      created_at?: string | null;
      criteria: Array<{
        name: string;
        weight: number;
      }>;
      gates: number;
      id: string;
      max_rounds: number;
      name: string;
      studio: string;
      summary: string;
      updated_at?: string | null;
      version?: number | null;
    };
  };
  /** Downloads a template, to be imported elsewhere. */
  "GET /templates/{id}/document": {
    body: undefined;
    reply: unknown;
  };
  /** Starts a run of a template. */
  "POST /templates/{id}/runs": {
    body: {
      agents?: Array<{
        instructions?: string | null;
        model?: string | null;
        name: string;
        provider?: string | null;
        role: string;
        temperature?: number | null;
      }> | null;
      criteria?: Array<{
        name: string;
        weight: number;
      }> | null;
      draft?: string | null;
      locks?: Array<string> | null;
      max_rounds?: number | null;
      parallel_critique?: boolean | null;
      plateau?: {
        rounds: number;
        within?: number | null;
      } | null;
      preset?: string | null;
      project_id?: string | null;
      references?: Array<{
        content?: string | null;
        id?: string | null;
        name?: string | null;
      }> | null;
      score_threshold?: number | null;
      spend_limit?: number | null;
      template_id?: string | null;
      template_version?: number | null;
      time_limit?: number | null;
      title?: string | null;
      workspace_id?: string | null;
    };
    reply: {
      agents: Array<{
        instructions?: string | null;
        model?: string | null;
        name: string;
        provider?: string | null;
        role: string;
        temperature?: number | null;
      }>;
      best_round?: number | null;
      continued_from_id?: string | null;
      cost: number;
      created_at: string;
      criteria: Array<{
        name: string;
        weight: number;
      }>;
      current_step?: string | null;
      document: string;
      ended_at?: string | null;
      error?: string | null;
      forked_at?: string | null;
      forked_from?: string | null;
      id: string;
      last_seq: number;
      locks: Array<{
        count: number;
        text: string;
      }>;
      max_rounds: number;
      open_suggestions: number;
      pending_edits: number;
      plateau?: {
        rounds: number;
        within?: number | null;
      } | null;
      progress: number;
      project_id?: string | null;
      references: Array<{
        bytes: number;
        name: string;
        tokens: number;
      }>;
      revision: string;
      rounds: Array<{
        criteria: Array<{
          name: string;
          score: number;
        }>;
        notes?: Array<{
          by: Array<string>;
          conflicts: Array<number>;
          number: number;
          text: string;
        }> | null;
        number: number;
        score?: number | null;
        turns: Array<{
          agent: string;
          cost: number;
          estimated: boolean;
          input_tokens: number;
          left_out?: Array<{
            kept_tokens: number;
            name: string;
            total_tokens: number;
          }> | null;
          model: string;
          offline: boolean;
          output_tokens: number;
          provider: string;
          role: string;
          score?: number | null;
          text: string;
        }>;
      }>;
      rounds_completed: number;
      score?: number | null;
      score_threshold?: number | null;
      spend_limit?: number | null;
      started_at?: string | null;
      state: string;
      stop_reason?: string | null;
      stop_text?: string | null;
      studio: string;
      template_id?: string | null;
      template_name?: string | null;
      template_version?: number | null;
      time_limit?: number | null;
      title: string;
      waiting_for?: string | null;
      workspace_id?: string | null;
    };
  };
  /** Shows whose token this is. */
  "GET /user/me": {
    body: undefined;
    reply: {
      created_at: string;
      email: string;
      id: string;
      name: string;
      role: string;
    };
  };
  /** Changes the user's name. */
  "PATCH /user/me": {
    body: {
      full_name?: string | null;
      name?: string | null;
    };
    reply: {
      created_at: string;
      email: string;
      id: string;
      name: string;
      role: string;
    };
  };
  /** Ends the account and all that proves to be it; its runs stay without an owner. */
  "POST /user/me/delete": {
    body: {
      password?: string | null;
    };
    reply: {
      ended_at: string;
      id: string;
      kept: Array<string>;
      removed: Array<string>;
      workspaces_deleted: Array<string>;
    };
  };
  /** Changes the password, and ends every other token. */
  "POST /user/me/password": {
    body: {
      current: string;
      new: string;
    };
    reply: {
      created_at: string;
      email: string;
      id: string;
      name: string;
      role: string;
    };
  };
  /** Sums a user's use. */
  "GET /users/me/stats": {
    body: undefined;
    reply: {
      estimated_cost_usd: number;
      max_projects: number;
      projects_created: number;
      projects_remaining: number;
      runs: Array<{
        count: number;
        state: string;
      }>;
      runs_created: number;
      total_tokens_used: number;
      turns: number;
    };
  };
  /** Says what is kept for the user, and what may be. */
  "GET /users/me/storage": {
    body: undefined;
    reply: {
      artifacts: number;
      bytes: number;
      owner: string;
      quota?: number | null;
    };
  };
  /** Lists the user's webhooks, newest first. */
  "GET /webhooks": {
    body: undefined;
    reply: {
      items: Array<{
        active: boolean;
        created_at: string;
        events: Array<string>;
        id: string;
        reason?: string | null;
        secret?: string | null;
        url: string;
      }>;
      next_cursor: string | null;
    };
  };
  /** Tells a URL of runs' events. */
  "POST /webhooks": {
    body: {
      events?: Array<string> | null;
      url: string;
    };
    reply: {
      active: boolean;
      created_at: string;
      events: Array<string>;
      id: string;
      reason?: string | null;
      secret?: string | null;
      url: string;
    };
  };
  /** Ends a webhook and forgets its deliveries. */
  "DELETE /webhooks/{id}": {
    body: undefined;
    reply: unknown;
  };
  /** Shows a webhook with its secret. */
  "GET /webhooks/{id}": {
    body: undefined;
    reply: {
      active: boolean;
      created_at: string;
      events: Array<string>;
      id: string;
      reason?: string | null;
      secret?: string | null;
      url: string;
    };
  };
  /** Changes a webhook, or switches it on again. */
  "PATCH /webhooks/{id}": {
    body: {
      active?: boolean | null;
      events?: Array<string> | null;
      url?: string | null;
    };
    reply: {
      active: boolean;
      created_at: string;
      events: Array<string>;
      id: string;
      reason?: string | null;
      secret?: string | null;
      url: string;
    };
  };
  /** Lists what a webhook was sent. */
  "GET /webhooks/{id}/deliveries": {
    body: undefined;
    reply: {
      items: Array<{
        at: string;
        attempts: number;
        error?: string | null;
        event: string;
        id: string;
        next_at?: string | null;
        run_id: string;
        seq: number;
        state: string;
        status?: number | null;
      }>;
      next_cursor: string | null;
    };
  };
  /** Sends a delivery again. */
  "POST /webhooks/{id}/deliveries/{delivery}/retry": {
    body: undefined;
    reply: {
      at: string;
      attempts: number;
      error?: string | null;
      event: string;
      id: string;
      next_at?: string | null;
      run_id: string;
      seq: number;
      state: string;
      status?: number | null;
    };
  };
  /** Lists the workspaces that the user is in. */
  "GET /workspaces": {
    body: undefined;
    reply: {
      items: Array<{
        created_at: string;
        id: string;
        name: string;
        role: string;
      }>;
      next_cursor: string | null;
    };
  };
  /** Makes a workspace, with the user for its owner. */
  "POST /workspaces": {
    body: {
      name: string;
    };
    reply: {
      created_at: string;
      id: string;
      name: string;
      role: string;
    };
  };
  /** Deletes a workspace (owner); its runs stay with who made them. */
  "DELETE /workspaces/{id}": {
    body: undefined;
    reply: unknown;
  };
  /** Shows a workspace. */
  "GET /workspaces/{id}": {
    body: undefined;
    reply: {
      created_at: string;
      id: string;
      name: string;
      role: string;
    };
  };
  /** Renames a workspace (owner, admin). */
  "PATCH /workspaces/{id}": {
    body: {
      name: string;
    };
    reply: {
      created_at: string;
      id: string;
      name: string;
      role: string;
    };
  };
  /** Lists the open invitations (owner, admin). */
  "GET /workspaces/{id}/invitations": {
    body: undefined;
    reply: {
      items: Array<{
        created_at: string;
        email: string;
        email_sent?: boolean | null;
        expires_at: string;
        id: string;
        invited_by: string;
        role: string;
        token?: string | null;
        url?: string | null;
      }>;
      next_cursor: string | null;
    };
  };
  /** Invites somebody by e-mail; the link is told this once (owner, admin). */
  "POST /workspaces/{id}/invitations": {
    body: {
      email: string;
      role?: string | null;
    };
    reply: {
      created_at: string;
      email: string;
      email_sent?: boolean | null;
      expires_at: string;
      id: string;
      invited_by: string;
      role: string;
      token?: string | null;
      url?: string | null;
    };
  };
  /** Withdraws an invitation. */
  "DELETE /workspaces/{id}/invitations/{invitation}": {
    body: undefined;
    reply: unknown;
  };
  /** Lists who is in a workspace. */
  "GET /workspaces/{id}/members": {
    body: undefined;
    reply: {
      items: Array<{
        email: string;
        name: string;
        role: string;
        since: string;
        user_id: string;
      }>;
      next_cursor: string | null;
    };
  };
  /** Takes a member out; anybody may leave. */
  "DELETE /workspaces/{id}/members/{user}": {
    body: undefined;
    reply: unknown;
  };
  /** Changes a member's role. */
  "PATCH /workspaces/{id}/members/{user}": {
    body: {
      role: string;
    };
    reply: {
      email: string;
      name: string;
      role: string;
      since: string;
      user_id: string;
    };
  };
  /** Follows runs over a WebSocket. Say {"type":"auth","token":…} where the handshake had no credentials, then {"type":"subscribe","run_id":…,"after":N}, "unsubscribe", "ping"; be told {"event","run_id","id","data"} as /runs/{id}/stream tells it, and "ready", "subscribed", "unsubscribed", "pong", "error". */
  "GET /ws": {
    body: undefined;
    reply: unknown;
  };
}
