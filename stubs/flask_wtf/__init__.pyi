"""Flask-WTF 1.3, the part we use."""

from .csrf import CSRFProtect as CSRFProtect
from .form import FlaskForm as FlaskForm
