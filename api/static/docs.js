/* Swagger UI over this server's own description; its validator would ask another host. */
SwaggerUIBundle({ url: "/openapi.json", dom_id: "#swagger", validatorUrl: null, deepLinking: true, syntaxHighlight: false });
