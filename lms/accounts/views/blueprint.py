"""The blueprint all accounts pages hang on."""

from flask import Blueprint

blueprint = Blueprint(
    "accounts", "lms.accounts", template_folder="templates", static_folder="static", static_url_path="/static/accounts"
)
