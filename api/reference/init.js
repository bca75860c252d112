// Shows the contract that this very server serves.
window.addEventListener('load', function () {
  window.SwaggerUIBundle({
    url: '/openapi.yaml',
    dom_id: '#reference',
    deepLinking: true,
    validatorUrl: null,
    persistAuthorization: false,
    defaultModelsExpandDepth: 0,
  });
});
