package handlers

import (
	"bytes"
	"context"
	"html/template"

	"xunfang/api"
	"xunfang/models"
)

// CheckCertificate answers GET /v1/certificate-checks/{code}, for anybody who holds the paper: an app in JSON, and the browser
// that a phone opens when it scans the square with a page to read.
func (h *Server) CheckCertificate(
	ctx context.Context, request api.CheckCertificateRequestObject,
) (api.CheckCertificateResponseObject, error) {
	commendation, err := h.Store.CommendationByCode(ctx, models.Secret(models.NormalCheckCode(request.Code)))
	if err != nil && models.CodeOf(err) != models.CodeNotFound {
		return nil, err
	}
	check := commendation.Checked() // of none that was found: unknown
	if api.Preferred(api.From(ctx).Accept, "application/json", "text/html") == "text/html" {
		page := bytes.Buffer{}
		err := checkPage.Execute(&page, check)
		return api.CheckCertificate200TexthtmlResponse{Body: &page, ContentLength: int64(page.Len())}, err
	}
	wire := api.CheckCertificate200JSONResponse{
		State: api.CertificateCheckState(check.State), Station: textOrNil(check.Station), MaskedName: textOrNil(check.MaskedName),
	}
	if check.State != models.CertificateUnknown {
		kind := api.CertificateKindCommendation
		wire.Kind, wire.Year = &kind, &check.Year
	}
	return wire, nil
}

// checkPage needs neither a script nor a style: the API's policy allows none.
var checkPage = template.Must(template.New("check").Parse(`<!doctype html>
<html lang="zh-CN">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>荣誉证书验证</title></head>
<body>
<h1>荣誉证书验证</h1>
{{if eq .State "genuine"}}<h2>真实有效</h2>
<p>{{.Station}} {{.Year}} 年授予的表彰。</p>
{{if .MaskedName}}<p>姓名：{{.MaskedName}}</p>
{{end}}<p>请与证书上所印的内容核对。</p>
{{else if eq .State "revoked"}}<h2>已撤销</h2>
<p>{{.Station}} {{.Year}} 年授予的这项表彰已经撤销。</p>
{{else}}<h2>查无此证</h2>
<p>没有这样的证书，请核对验证码。</p>
{{end}}</body>
</html>
`))
