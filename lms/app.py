"""The only assembly point: names the built-in plugins in ladder order and puts the application together."""

from flask import Flask

from lms.accounts.plugin import plugin as accounts
from lms.attendance.plugin import plugin as attendance
from lms.cohorts.plugin import plugin as cohorts
from lms.completion.plugin import plugin as completion
from lms.core import crypto, db, events
from lms.core.plugin import Plugin, PluginError, Registry, build_registry, load_entry_points
from lms.core.settings import Settings
from lms.courses.plugin import plugin as courses
from lms.quizzes.plugin import plugin as quizzes
from lms.search.plugin import plugin as search
from lms.web import host

BUILT_IN: tuple[Plugin, ...] = (accounts, search, courses, cohorts, quizzes, attendance, completion)


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application; a plugin that breaks the contract stops the start and is named."""
    settings = settings or Settings.from_environment()
    outside = load_entry_points() if settings.plugins else []
    registry = build_registry((*BUILT_IN, *outside))
    app = Flask("lms", static_folder=None, static_url_path="/static", instance_path=str(settings.data_dir.resolve()))
    app.testing = settings.testing
    app.extensions["lms_settings"] = settings
    app.extensions["lms_registry"] = registry
    app.config |= settings.extra
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    crypto.init_app(app, crypto.load_keys(settings.data_dir))
    db.init_app(app, settings.resolved_database_url)
    events.init_app(app, registry.listeners())
    host.init_app(app, settings)
    for plugin in registry.plugins:
        _install(app, plugin)
    _check_tables(registry)
    return app


def _install(app: Flask, plugin: Plugin) -> None:
    if plugin.blueprint is not None:
        app.register_blueprint(plugin.blueprint)
    for command in plugin.cli:
        app.cli.add_command(command)
    if plugin.init_app is not None:
        plugin.init_app(app)


def _check_tables(registry: Registry) -> None:
    """Refuse a table that does not bear a plugin's name: nobody could say whose it is."""
    names = ("core", *(plugin.name for plugin in registry.plugins))
    for table in db.Base.metadata.tables:
        if not any(table.startswith(f"{name}_") for name in names):
            message = f"数据表 {table} 的名称必须以所属插件名开头"
            raise PluginError(message)
